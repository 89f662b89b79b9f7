-- The transactions for which a new logical slot waits: all that have an xid, of any database, the oldest first, @most
-- of them. pid is null for a prepared transaction, gid for others. Any version from 15.
select pid, gid, role, state, age
from (
    select
        a.pid,
        null::text as gid,
        a.usename::text as role,
        a.state,
        date_trunc('second', clock_timestamp() - a.xact_start)::text as age,
        a.xact_start as since
    from pg_stat_activity a
    where a.backend_xid is not null
      and a.pid <> pg_backend_pid()
    union all
    select
        null,
        p.gid,
        p.owner::text,
        'prepared',
        date_trunc('second', clock_timestamp() - p.prepared)::text,
        p.prepared
    from pg_prepared_xacts p) t
order by since
limit @most
