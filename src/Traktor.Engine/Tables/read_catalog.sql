-- Every table that a user may want to replicate, one JSON object each: tables and partitioned tables, without their
-- partitions, and nothing that belongs to PostgreSQL or Traktor. Any version from 15.
select json_build_object('schema', n.nspname, 'name', c.relname)::text
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p')
  and not c.relispartition
  and c.relpersistence <> 't'
  and n.nspname not in ('pg_catalog', 'information_schema', 'trktr')
  and n.nspname !~ '^pg_'
order by n.nspname, c.relname
