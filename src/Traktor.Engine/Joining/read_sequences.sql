-- The last values of the sequences that belong to columns of the tables in @schemas and @names (pairs), as a JSON
-- array. The sequences are found first: the function fails for anything else. Any version from 15.
with owned as materialized (
    select n.nspname as schema, c.relname as name, a.attname as attribute, s.seqrelid as sequence
    from unnest(@schemas::text[], @names::text[]) as w (schema, name)
    join pg_namespace n on n.nspname = w.schema
    join pg_class c on c.relnamespace = n.oid and c.relname = w.name and c.relkind in ('r', 'p')
    join pg_depend d
        on d.classid = 'pg_class'::regclass
        and d.refclassid = 'pg_class'::regclass
        and d.refobjid = c.oid
        and d.deptype in ('a', 'i')
    join pg_sequence s on s.seqrelid = d.objid and s.seqincrement > 0
    join pg_attribute a on a.attrelid = c.oid and a.attnum = d.refobjsubid
), last as materialized (
    select o.schema, o.name, o.attribute, pg_sequence_last_value(o.sequence) as value
    from owned o
)
select coalesce(
    json_agg(json_build_object('schema', schema, 'name', name, 'attribute', attribute, 'value', value)),
    '[]')::text
from last
where value is not null
