-- The tables of the connected node's replicaset as they are copied, as a JSON array; see CopiedTable. Of a domain the
-- base type is given too. is_simple: neither a composite type nor an array of domains or composite types, whose input
-- could run a user's code. Any version from 15.
with recursive tables as (
    select r.schema_name, r.table_name, r.policy, r.detector, c.oid, c.relkind, c.relowner
    from trktr.replicaset r
    join pg_namespace n on n.nspname = r.schema_name
    join pg_class c on c.relnamespace = n.oid and c.relname = r.table_name and c.relkind in ('r', 'p')
), base (relation, attnum, name, declared, type, next) as (
    select a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypid, t.typbasetype
    from tables c
    join pg_attribute a on a.attrelid = c.oid
    join pg_type t on t.oid = a.atttypid
    where a.attnum > 0
      and not a.attisdropped
      and a.attgenerated = ''
    union all
    select b.relation, b.attnum, b.name, b.declared, t.oid, t.typbasetype
    from base b
    join pg_type t on t.oid = b.next
)
select coalesce(json_agg(json_build_object(
    'schema', c.schema_name,
    'name', c.table_name,
    'policy', c.policy,
    'detector', c.detector,
    'owner', case
        when c.relowner <> (select oid from pg_roles where rolname = current_user) then pg_get_userbyid(c.relowner)
    end,
    'columns', (
        select coalesce(json_agg(json_build_object(
            'name', b.name,
            'type', format_type(b.declared, -1),
            'base', format_type(b.type, -1),
            'is_simple', t.typtype in ('b', 'e', 'r', 'm') and coalesce(e.typtype in ('b', 'e', 'r', 'm'), true))
            order by b.attnum), '[]')
        from base b
        join pg_type t on t.oid = b.type
        left join pg_type e on e.oid = t.typelem and t.typcategory = 'A'
        where b.relation = c.oid
          and b.next = 0),
    'parts', (
        select coalesce(json_agg(json_build_object(
            'schema', n.nspname,
            'name', p.relname,
            'pages', pg_relation_size(p.oid) / current_setting('block_size')::bigint,
            'rows', greatest(p.reltuples, 0)::bigint,
            'bytes', pg_table_size(p.oid)) order by n.nspname, p.relname), '[]')
        from pg_class p
        join pg_namespace n on n.oid = p.relnamespace
        where p.relkind = 'r'
          and (p.oid = c.oid or p.oid in (select relid from pg_partition_tree(c.oid) where isleaf))))
    order by c.schema_name, c.table_name), '[]')::text
from tables c
