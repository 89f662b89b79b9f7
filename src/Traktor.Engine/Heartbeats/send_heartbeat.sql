-- Sends this node's heartbeat and stores it. Every transaction older than the oldest running one precedes it in the
-- stream. No row when the node's own row does not exist yet.
with sent as (
    update trktr.heartbeat
    set seq = seq + 1,
        clock = clock_timestamp(),
        vector = @vector::jsonb,
        is_urgent = @isUrgent
    where node_id = @node
    returning seq, clock, vector
)
insert into trktr.heartbeat_receipt (node_id, seq, xid, vector, clock)
select @node, seq, pg_snapshot_xmin(pg_current_snapshot()), vector, clock
from sent
returning seq
