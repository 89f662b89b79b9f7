-- The nodes that this node knows, including itself.
select
    n.node_id,
    n.node_id = i.node_id as is_self,
    n.arbiter_url,
    n.server_version_num,
    n.announced,
    n.pre16_compatibility
from trktr.node n
cross join trktr.identity i
order by n.node_id
