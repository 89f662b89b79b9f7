-- Tables whose triggers are missing or wrong, or, with @names (pairs with @schemas), the state of the named tables even
-- if they are not subscribed yet. Any version from 15. wanted: the table is, or is about to be, replicated on this
-- node, is not exempted, and is not a partition of such a table, because partitions get their triggers from the root.
-- has: all three triggers exist, are enabled correctly, and name the table and its key; has_some: at least one of them
-- exists. tgargs contains the arguments, each followed by a zero byte.
with replicated as (
    select c.oid
    from trktr.replicaset r
    join pg_namespace n on n.nspname = r.schema_name
    join pg_class c on c.relnamespace = n.oid and c.relname = r.table_name
    union
    select r.srrelid
    from pg_subscription_rel r
    join pg_subscription s on s.oid = r.srsubid
    where s.subdbid = (select oid from pg_database where datname = current_database())
      and s.subname ~ '^trktr_sub_\d+_\d+$'
    union
    select c.oid
    from unnest(@schemas::text[], @names::text[]) as w (schema, name)
    join pg_namespace n on n.nspname = w.schema
    join pg_class c on c.relnamespace = n.oid and c.relname = w.name
), ours as (
    select t.tgrelid as oid, t.tgname as name, t.tgenabled as enabled, t.tgargs as arguments
    from pg_trigger t
    where t.tgname in ('trktr_detect_update', 'trktr_detect_delete', 'trktr_detect_key_change')
      and t.tgparentid = 0
      and t.tgfoid in (select p.oid from pg_proc p where p.pronamespace = 'trktr'::regnamespace)
), known as (
    select
        c.oid,
        n.nspname as schema,
        c.relname as name,
        keys.names as key,
        replicated.oid is not null
            and c.relkind in ('r', 'p')
            and n.nspname <> 'trktr'
            and cardinality(keys.names) > 0
            and current_setting('track_commit_timestamp')::boolean
            and coalesce(
                (
                    select r.detector
                    from trktr.replicaset r
                    where r.schema_name = n.nspname
                      and r.table_name = c.relname
                ),
                true)
            and not exists (
                select
                from pg_partition_ancestors(c.oid) a (oid)
                join replicated r on r.oid = a.oid
                where a.oid <> c.oid) as wanted,
        (
            select string_agg(
                convert_to(v.argument, getdatabaseencoding()) || '\x00'::bytea,
                ''
                order by v.position)
            from unnest(array[n.nspname::text, c.relname::text] || keys.names)
                with ordinality as v (argument, position)
        ) as arguments
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    left join replicated on replicated.oid = c.oid
    cross join lateral (
        select coalesce(array_agg(a.attname::text order by a.attname), '{}') as names
        from pg_index i
        join pg_attribute a on a.attrelid = c.oid and a.attnum = any (i.indkey)
        where i.indexrelid = coalesce(
            -- The planner may call the function before the join, for any relation; for an index that is an error.
            case when c.relkind in ('r', 'p') then pg_get_replica_identity_index(c.oid) end,
            (
                select p.indexrelid
                from pg_index p
                where p.indrelid = c.oid
                  and p.indisprimary
                  and p.indimmediate
                  and c.relreplident = 'f'
            ))
    ) keys
    where replicated.oid is not null
       or c.oid in (select o.oid from ours o)
), compared as (
    select
        k.schema,
        k.name,
        k.key,
        k.wanted,
        (
            select count(*) = 3
            from ours o
            where o.oid = k.oid
              and o.arguments = k.arguments
              and o.enabled = case o.name when 'trktr_detect_key_change' then 'O' else 'R' end
        ) as has,
        exists (select from ours o where o.oid = k.oid) as has_some
    from known k
)
select schema, name, key, wanted, has_some
from compared
where case when wanted then not has else has_some end
  and (cardinality(@names::text[]) = 0
      or (schema, name) in (select * from unnest(@schemas::text[], @names::text[])))
order by wanted, schema, name
