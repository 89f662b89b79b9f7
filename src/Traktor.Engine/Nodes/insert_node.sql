-- Inserts this node's row of trktr.node.
insert into trktr.node (node_id, arbiter_url, server_version_num, incarnation, pre16_compatibility)
select
    @node,
    @url,
    current_setting('server_version_num')::integer,
    incarnation,
    pre16_compatibility
from trktr.identity
