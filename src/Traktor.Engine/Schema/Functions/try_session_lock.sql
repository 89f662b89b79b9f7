-- Takes the advisory lock of a row of trktr.node_lock until the session ends or releases it. is_taken is false when
-- another session of the arbiter's has it. Everybody may take any advisory lock, and pg_locks shows which there are:
-- when only sessions of other roles have it, the row gets another key, and taken_from says who they are. The locked row
-- makes sure that no second arbiter takes the old key meanwhile.
-- Called by: NodeLocks, in a transaction of its own.
-- Session:   the one that shall have the lock.
-- Rights:    the arbiter's.
-- Settings:  none.
create or replace function trktr.try_session_lock(
    lock_name text,
    is_shared boolean,
    out is_taken boolean,
    out taken_from text)
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
declare
    own_key bigint;
begin
    select l.key
    into strict own_key
    from trktr.node_lock l
    where l.name = lock_name
    for update;
    loop
        is_taken := case when is_shared then pg_try_advisory_lock_shared(own_key) else pg_try_advisory_lock(own_key) end;
        exit when is_taken or trktr.is_lock_held(own_key);

        select string_agg(
            format('role %s, process %s', coalesce(a.usename, 'unknown'), coalesce(l.pid::text, 'none (a prepared transaction)')),
            '; ')
        into taken_from
        from pg_locks l
        left join pg_stat_activity a on a.pid = l.pid
        where l.locktype = 'advisory'
          and l.objsubid = 1
          and l.granted
          and l.classid::bigint << 32 | l.objid::bigint = own_key;
        update trktr.node_lock l
        set key = default
        where l.name = lock_name
        returning l.key into own_key;
    end loop;
end
$$;
revoke all on function trktr.try_session_lock(text, boolean) from public;
