-- The node of a replication origin (roident of pg_xact_commit_timestamp_origin); null for an unknown origin, for
-- example of a dropped subscription. In PL/pgSQL, because an SQL function is planned again by every statement that
-- calls it, which takes ten times as long.
-- Called by: log_overwrite, set_stream_settings; many statements of the arbiter.
-- Session:   any of the arbiter's; an apply worker's.
-- Rights:    the session's; in a trigger those of the table's owner.
-- Settings:  none.
create or replace function trktr.node_of(origin oid) returns integer
    language plpgsql
    stable
    set search_path = pg_catalog, pg_temp
as $$
begin
    if origin = 0 then
        return (select i.node_id from trktr.identity i);
    end if;
    return coalesce(
        (
            select substring(s.subname from '^trktr_sub_\d+_(\d+)$')::integer
            from pg_replication_origin o
            join pg_subscription s on o.roname = format('pg_%s', s.oid)
            where o.roident = origin
        ),
        (
            select substring(o.roname from '^trktr_as_(\d+)_')::integer
            from pg_replication_origin o
            where o.roident = origin
              and o.roname = format(
                  'trktr_as_%s_%s',
                  substring(o.roname from '^trktr_as_(\d+)_'),
                  (select d.oid from pg_database d where d.datname = current_database()))
        ));
end
$$;
