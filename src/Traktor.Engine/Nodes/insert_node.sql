-- Inserts this node's row of trktr.node, with its key.
insert into trktr.node (node_id, arbiter_url, server_version_num, incarnation, pre16_compatibility, public_key, key_made_at)
select
    @node,
    @url,
    current_setting('server_version_num')::integer,
    i.incarnation,
    i.pre16_compatibility,
    k.public_key,
    k.made_at
from trktr.identity i
left join trktr.node_key k on true
