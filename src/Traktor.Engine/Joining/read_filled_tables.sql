-- Those of the tables in @schemas and @names (pairs) that have pages, for SQL. A table from which every row was deleted
-- may have some. No row is read, since code of the table's owner could run then. Any version from 15.
select format('%I.%I', n.nspname, c.relname)
from unnest(@schemas::text[], @names::text[]) as w (schema, name)
join pg_namespace n on n.nspname = w.schema
join pg_class c on c.relnamespace = n.oid and c.relname = w.name and c.relkind in ('r', 'p')
where (
    select sum(pg_relation_size(p.relid)) > 0
    from (
        select relid
        from pg_partition_tree(c.oid)
        union
        select c.oid
    ) p (relid))
order by 1
