-- How far this node, @self, has applied the changes of each node that it receives from. Any version from 15.
select
    substring(s.subname from '_(\d+)$')::integer as node,
    coalesce(pg_replication_origin_progress('pg_' || s.oid, true), '0/0')::text as lsn
from pg_subscription s
where s.subdbid = (select oid from pg_database where datname = current_database())
  and s.subname ~ format('^trktr_sub_%s_\d+$', @self)
order by 1
