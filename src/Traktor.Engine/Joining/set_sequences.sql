-- Sets the sequences of columns to at least the values in @values, which read_sequences.sql read on another node.
-- Returns those that were set, for SQL. Any version from 15.
with owned as materialized (
    select q.nspname as schema, s.relname as name, s.oid as sequence, v.value
    from jsonb_to_recordset(@values::jsonb) as v (schema text, name text, attribute text, value bigint)
    join pg_namespace n on n.nspname = v.schema
    join pg_class c on c.relnamespace = n.oid and c.relname = v.name
    join pg_attribute a on a.attrelid = c.oid and a.attname = v.attribute
    join pg_depend d
        on d.classid = 'pg_class'::regclass
        and d.refclassid = 'pg_class'::regclass
        and d.refobjid = c.oid
        and d.refobjsubid = a.attnum
        and d.deptype in ('a', 'i')
    join pg_class s on s.oid = d.objid and s.relkind = 'S'
    join pg_namespace q on q.oid = s.relnamespace
), behind as materialized (
    select o.*
    from owned o
    where coalesce(pg_sequence_last_value(o.sequence), 0) < o.value
)
select format('%I.%I', schema, name)
from behind
where setval(sequence::regclass, value) is not null
