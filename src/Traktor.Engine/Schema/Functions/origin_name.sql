-- The replication origin under which versions of a node are written here without being replicated again. Origins belong
-- to the whole server, so the name contains the database's oid.
-- Called by: the arbiter (NodeOrigin, RowRestorer).
-- Session:   the one that restores rows; the heartbeat's.
-- Rights:    the session's.
-- Settings:  none.
create or replace function trktr.origin_name(node integer) returns text
    language sql
    stable
    set search_path = pg_catalog, pg_temp
return format('trktr_as_%s_%s', node, (select d.oid from pg_database d where d.datname = current_database()));
