-- What has arrived: the number of the last winner of each node but @node; and, without a node, the last entry of the
-- overwrite log.
select
    null::integer as node,
    coalesce(max(id), 0) as number
from trktr.overwrite_log

union all

select
    node_id,
    max(seq)
from trktr.winner
where node_id < @node
   or node_id > @node
group by node_id
