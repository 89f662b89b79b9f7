-- Creates a node's row, which its heartbeats then update. This node's own number starts from the time, so that a node
-- that is removed and initialised again continues above its earlier numbers.
insert into trktr.heartbeat (node_id, seq, began, clock)
select @node, n.seq, n.seq, 'epoch'
from (
    select case when @isSelf then (extract(epoch from clock_timestamp()) * 1000)::bigint else 0 end as seq
) n
on conflict do nothing
