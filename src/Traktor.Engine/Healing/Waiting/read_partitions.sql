-- The partitions of a table below the root, outer ones first: name, parent, bound, and for one that is partitioned
-- itself by what. Runs on this node and on the peer. Any version from 15.
select
    n.nspname as schema,
    c.relname as name,
    pn.nspname as parent_schema,
    p.relname as parent_name,
    pg_get_expr(c.relpartbound, c.oid) as bound,
    case c.relkind when 'p' then pg_get_partkeydef(c.oid) end as key
from pg_partition_tree(to_regclass(@table)) t
join pg_class c on c.oid = t.relid
join pg_namespace n on n.oid = c.relnamespace
join pg_inherits h on h.inhrelid = c.oid
join pg_class p on p.oid = h.inhparent
join pg_namespace pn on pn.oid = p.relnamespace
where t.level > 0
order by t.level, n.nspname, c.relname
