-- Transactions that have written to tables (@schemas, @names), or to their partitions, and have not ended for a second:
-- the oldest first. pid is null for a prepared transaction, gid for others. Any version from 15.
with recursive part as (
    select t.schema, t.name, c.oid
    from unnest(@schemas, @names) t (schema, name)
    join pg_namespace n on n.nspname = t.schema
    join pg_class c on c.relnamespace = n.oid and c.relname = t.name
    union
    select p.schema, p.name, i.inhrelid
    from part p
    join pg_inherits i on i.inhparent = p.oid
)
select distinct
    p.schema,
    p.name,
    l.pid,
    x.gid,
    coalesce(a.usename, x.owner)::text as role,
    case when x.gid is null then a.state else 'prepared' end as state,
    date_trunc('second', clock_timestamp() - coalesce(a.xact_start, x.prepared))::text as age,
    coalesce(a.xact_start, x.prepared) as since
from part p
join pg_locks l
    on l.locktype = 'relation'
   and l.relation = p.oid
   and l.database = (select oid from pg_database where datname = current_database())
   and l.granted
   and l.mode in ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
left join pg_stat_activity a on a.pid = l.pid
-- Its locks name the session that prepared it, until the server restarts; its xid is among them.
left join pg_locks t on l.pid is null and t.pid is null and t.locktype = 'transactionid' and t.virtualtransaction = l.virtualtransaction
left join pg_prepared_xacts x on x.transaction = t.transactionid
where (x.gid is not null or a.xact_start < clock_timestamp() - interval '1 second')
  and l.pid is distinct from pg_backend_pid()
order by since
