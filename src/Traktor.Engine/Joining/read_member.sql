-- The address and the key of the connected node's own arbiter: @node.
select arbiter_url, public_key, key_made_at
from trktr.node
where node_id = @node
