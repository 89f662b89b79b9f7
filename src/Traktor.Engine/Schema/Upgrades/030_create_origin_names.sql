-- Under which replication origin a version of another node, or an own one, is written here without being sent out again. Origins are of the whole server: the name says which database's it is.
create function trktr.origin_name(node integer) returns text
    language sql stable set search_path = pg_catalog, pg_temp
return format('trktr_as_%s_%s', node, (select d.oid from pg_database d where d.datname = current_database()));
-- The node whose version carries this origin (roident of pg_xact_commit_timestamp_origin); null for one that is not known, for instance of a subscription that is gone.
create function trktr.node_of(origin oid) returns integer
    language sql stable set search_path = pg_catalog, pg_temp
return case when origin = 0 then (select i.node_id from trktr.identity i) else coalesce(
    (select substring(s.subname from '^trktr_sub_\d+_(\d+)$')::integer
     from pg_replication_origin o join pg_subscription s on o.roname = format('pg_%s', s.oid)
     where o.roident = origin),
    (select substring(o.roname from '^trktr_as_(\d+)_')::integer
     from pg_replication_origin o
     where o.roident = origin
       and o.roname = format('trktr_as_%s_%s', substring(o.roname from '^trktr_as_(\d+)_'), (select d.oid from pg_database d where d.datname = current_database())))) end
