-- Describes a table for showing and editing its rows: columns with their base types, and checks. One JSON object, or
-- no row if the table does not exist. Any version from 15.
select json_build_object(
    'owner', case
        when c.relowner <> (select r.oid from pg_roles r where r.rolname = current_user) then pg_get_userbyid(c.relowner)
    end,
    'equality', coalesce((
        select json_object_agg(a.attname, e.operator)
        from pg_attribute a
        cross join lateral (
            select format('operator(%I.%s)', o.oprnamespace::regnamespace::text, o.oprname) as operator
            from pg_index i
            join pg_opclass l on l.oid = i.indclass[array_position(i.indkey::int2[], a.attnum)]
            join pg_amop m
                on m.amopfamily = l.opcfamily
                and m.amoplefttype = l.opcintype
                and m.amoprighttype = l.opcintype
                and m.amopstrategy = 3
            join pg_operator o on o.oid = m.amopopr
            where i.indrelid = c.oid
              and i.indisunique
              and a.attnum = any (i.indkey)
            order by not i.indisprimary
            limit 1) e
        where a.attrelid = c.oid
          and a.attname = any (@keys)), '{}'),
    'columns', coalesce((
        with recursive base as (
            select a.attnum, a.atttypid as typ, 0 as depth
            from pg_attribute a
            where a.attrelid = c.oid
              and a.attnum > 0
              and not a.attisdropped
            union all
            select b.attnum, t.typbasetype, b.depth + 1
            from base b
            join pg_type t on t.oid = b.typ
            where t.typtype = 'd'
        )
        select json_agg(json_build_object(
            'name', a.attname,
            'type', format_type(a.atttypid, a.atttypmod),
            'kind', case
                when t.typtype = 'e' then 'enum'
                when t.typname in ('int2', 'int4', 'int8', 'oid') then 'whole_number'
                when t.typcategory = 'N' and t.typname in ('numeric', 'float4', 'float8') then 'number'
                when t.typname = 'bool' then 'boolean'
                when t.typname = 'date' then 'date'
                when t.typname = 'timestamp' then 'timestamp'
                when t.typname = 'timestamptz' then 'timestamp_tz'
                when t.typname in ('json', 'jsonb') then 'json'
                when t.typname in ('text', 'varchar', 'bpchar') then 'text'
                else 'other'
            end,
            'labels', coalesce(
                (
                    select json_agg(e.enumlabel order by e.enumsortorder)
                    from pg_enum e
                    where e.enumtypid = t.oid
                ),
                '[]'),
            'is_key', a.attname = any (@keys),
            'is_required', a.attnotnull,
            'is_generated', a.attgenerated <> '',
            'is_always_identity', a.attidentity = 'a') order by a.attnum)
        from pg_attribute a
        join base b on b.attnum = a.attnum
        join pg_type t on t.oid = b.typ and t.typtype <> 'd'
        where a.attrelid = c.oid), '[]'),
    'checks', coalesce((
        select json_agg(
            json_build_object('name', k.conname, 'expression', pg_get_expr(k.conbin, k.conrelid))
            order by k.conname)
        from pg_constraint k
        where k.conrelid = c.oid
          and k.contype = 'c'), '[]'))::text
from pg_namespace n
join pg_class c on c.relnamespace = n.oid
where n.nspname = @schema
  and c.relname = @name
  and c.relkind in ('r', 'p')
