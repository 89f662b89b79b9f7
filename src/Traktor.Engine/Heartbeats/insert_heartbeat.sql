-- A node's row, to be updated by its heartbeats from now on. An own one begins with the time, so that a node that was
-- taken out and made anew goes on above what it had reached before.
insert into trktr.heartbeat (node_id, seq, clock)
values (
    @node,
    case when @isSelf then (extract(epoch from clock_timestamp()) * 1000)::bigint else 0 end,
    'epoch')
on conflict do nothing
