-- The first of @nodes whose changes before its position in @lsns (pairs) are not all applied on this node, which is
-- @self; no row when all are. Any version from 15.
select w.node
from unnest(@nodes::integer[], @lsns::text[]) as w (node, lsn)
left join pg_subscription s
    on s.subname = format('trktr_sub_%s_%s', @self, w.node)
    and s.subdbid = (select oid from pg_database where datname = current_database())
where coalesce(pg_replication_origin_progress('pg_' || s.oid, true), '0/0') < w.lsn::pg_lsn
order by 1
limit 1
