-- Sends this node's heartbeat and stores it: every transaction that is older than the oldest one still running is in
-- its stream before it. No row when the node has none of its own yet.
with sent as (
    update trktr.heartbeat
    set seq = seq + 1,
        clock = clock_timestamp(),
        vector = @vector::jsonb
    where node_id = @node
    returning seq, clock, vector
)
insert into trktr.heartbeat_receipt (node_id, seq, xid, vector, clock)
select @node, seq, pg_snapshot_xmin(pg_current_snapshot()), vector, clock
from sent
returning seq
