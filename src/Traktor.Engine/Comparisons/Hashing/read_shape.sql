-- A table as comparing its rows needs it, as JSON; no row when there is none. Any version from 15. Of a domain the base
-- type decides. Types with oids in their binary form (enumerations have labels there), and types of others, are hashed
-- as text. The order of a key column is given where all servers have the same one: not for enumerations, for types of
-- others and for nondeterministic collations. Partitions are counted with their table.
with recursive base (attnum, name, type, coll, next) as (
    select a.attnum, a.attname, a.atttypid, a.attcollation, t.typbasetype
    from pg_attribute a
    join pg_type t on t.oid = a.atttypid
    where a.attrelid = format('%I.%I', @schema::text, @name::text)::regclass
      and a.attnum > 0
      and not a.attisdropped
      and a.attgenerated = ''
    union all
    select b.attnum, b.name, t.oid, b.coll, t.typbasetype
    from base b
    join pg_type t on t.oid = b.next
), described as (
    select
        b.attnum,
        b.name,
        format_type(b.type, -1) as type,
        t.typname,
        t.typtype,
        t.typsend::regproc::text as send,
        t.typnamespace = 'pg_catalog'::regnamespace and t.typname !~ '^_?reg' as is_ours,
        e.oid is not null as is_array,
        e.typnamespace = 'pg_catalog'::regnamespace and e.typtype in ('b', 'r') and e.typname !~ '^reg' as has_our_elements,
        case
            when b.coll = 0 then ''
            when b.coll in ('"C"'::regcollation, '"POSIX"'::regcollation) then 'C'
            when b.coll = '"default"'::regcollation then (
                select concat_ws(
                    ' ',
                    d.datlocprovider,
                    coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale', d.datcollate),
                    pg_database_collation_actual_version(d.oid))
                from pg_database d
                where d.datname = current_database())
            else (
                select concat_ws(
                    ' ',
                    l.collprovider,
                    coalesce(to_jsonb(l) ->> 'colllocale', to_jsonb(l) ->> 'colliculocale', l.collcollate),
                    pg_collation_actual_version(l.oid))
                from pg_collation l
                where l.oid = b.coll
                  and l.collisdeterministic)
        end as coll
    from base b
    join pg_type t on t.oid = b.type
    left join pg_type e on e.oid = t.typelem and t.typcategory = 'A'
    where b.next = 0
), keyed as (
    select i.indexrelid, k.n, i.indkey[k.n - 1] as attnum, l.opcfamily, l.opcintype
    from pg_index i
    cross join lateral generate_series(1, i.indnkeyatts) as k (n)
    join pg_opclass l on l.oid = i.indclass[k.n - 1]
    where i.indexrelid = coalesce(
        pg_get_replica_identity_index(format('%I.%I', @schema::text, @name::text)::regclass),
        (
            select p.indexrelid
            from pg_index p
            where p.indrelid = format('%I.%I', @schema::text, @name::text)::regclass
              and p.indisprimary
              and p.indimmediate
        ))
)
select json_build_object(
    'owner', case
        when c.relowner <> (select oid from pg_roles where rolname = current_user) then pg_get_userbyid(c.relowner)
    end,
    'is_partitioned', c.relkind = 'p',
    'rows', (
        select coalesce(sum(greatest(p.reltuples, 0)), 0)::bigint
        from pg_class p
        where p.oid = c.oid and c.relkind = 'r'
           or p.oid in (select relid from pg_partition_tree(c.oid) where isleaf)),
    'bytes', (
        select coalesce(sum(pg_table_size(p.relid)), 0)::bigint
        from (
            select relid
            from pg_partition_tree(c.oid)
            union
            select c.oid
        ) p (relid)),
    'hash_check', hash_record_extended(
        row(1, 2::bigint, 'Traktor'::text collate "C", '\x00ff'::bytea, true, '2026-11-23'::date, numeric_send(1.50)), 0)::text,
    'columns', (
        select coalesce(json_agg(json_build_object(
            'name', d.name,
            'type', d.type,
            'send', d.send,
            'is_text', d.typname in ('text', 'varchar'),
            'form', case
                when d.is_ours and d.typname in (
                    'bool', 'int2', 'int4', 'int8', 'oid', 'uuid', 'date', 'time', 'timestamp', 'timestamptz', 'bytea', 'text',
                    'varchar')
                    then 'native'
                when d.typtype = 'e'
                    or d.is_ours and d.typtype in ('b', 'r', 'm') and d.send <> '-' and (not d.is_array or d.has_our_elements)
                    then 'send'
                else 'text'
            end) order by d.attnum), '[]')
        from described d),
    'key', (
        select coalesce(json_agg(json_build_object(
            'name', d.name,
            'order', case
                when d.is_ours and d.typname in (
                    'bool', 'int2', 'int4', 'int8', 'oid', 'uuid', 'date', 'time', 'timestamp', 'timestamptz', 'bytea', 'numeric',
                    'float4', 'float8', 'interval', 'money', 'timetz')
                    then d.type
                when d.is_ours and d.typname in ('text', 'varchar', 'bpchar') then d.type || ' ' || d.coll
            end,
            'operator', (
                select format('operator(%I.%s)', o.oprnamespace::regnamespace::text, o.oprname)
                from pg_amop m
                join pg_operator o on o.oid = m.amopopr
                where m.amopfamily = k.opcfamily
                  and m.amoplefttype = k.opcintype
                  and m.amoprighttype = k.opcintype
                  and m.amopstrategy = 3)) order by k.n), '[]')
        from keyed k
        join described d on d.attnum = k.attnum))::text
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where n.nspname = @schema
  and c.relname = @name
  and c.relkind in ('r', 'p')
