-- Whether a session of the arbiter's has the advisory lock with this key: one whose role is, or may become, the role
-- that owns schema trktr.
-- Called by: try_session_lock; OriginMarks.
-- Session:   any of the arbiter's.
-- Rights:    the arbiter's.
-- Settings:  none.
create or replace function trktr.is_lock_held(lock_key bigint) returns boolean
    language sql
    set search_path = pg_catalog, pg_temp
return exists (
    select
    from pg_locks l
    join pg_stat_activity a on a.pid = l.pid
    join pg_database d on d.oid = l.database and d.datname = current_database()
    join pg_namespace n on n.nspname = 'trktr'
    where l.locktype = 'advisory'
      and l.objsubid = 1
      and l.granted
      and l.classid::bigint << 32 | l.objid::bigint = lock_key
      and pg_has_role(a.usesysid, n.nspowner, 'member')
);
revoke all on function trktr.is_lock_held(bigint) from public;
