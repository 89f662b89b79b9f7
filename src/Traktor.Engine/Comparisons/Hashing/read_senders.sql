-- The nodes that this node receives from. Any version from 15.
select substring(s.subname from '_(\d+)$')::integer
from pg_subscription s, trktr.identity i
where s.subdbid = (select oid from pg_database where datname = current_database())
  and s.subname ~ format('^trktr_sub_%s_\d+$', i.node_id)
order by 1
