-- Keeps the next heartbeat from being sent until this transaction is over: what it records as announced before that
-- heartbeat must be in the stream before it.
select b.seq
from trktr.heartbeat b
where b.node_id = @node
for share
