-- The replication origin under which a version of another node, or an own one, is written here without being sent out
-- again. Origins are of the whole server: the name holds the database's oid.
-- Called by: the arbiter (NodeOrigin, RowRestorer).
-- Session:   the one that restores rows; the heartbeat's.
-- Rights:    the session's.
-- Settings:  none.
create or replace function trktr.origin_name(node integer) returns text
    language sql
    stable
    set search_path = pg_catalog, pg_temp
return format('trktr_as_%s_%s', node, (select d.oid from pg_database d where d.datname = current_database()));
