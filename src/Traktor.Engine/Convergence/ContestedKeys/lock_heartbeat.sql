-- Keeps the next heartbeat from being sent until this transaction ends. What the transaction announces before that
-- heartbeat must precede it in the stream.
select b.seq
from trktr.heartbeat b
where b.node_id = @node
for share
