-- This node's row of trktr.node, as it is now.
insert into trktr.node (node_id, arbiter_url, server_version_num, incarnation)
select @node, @url, current_setting('server_version_num')::integer, incarnation from trktr.identity
