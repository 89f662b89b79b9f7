-- Stores the nodes of the mesh that this node joins by task @task, itself included.
insert into trktr.join_peer (task_id, node_id, connection_string, arbiter_url)
select @task, p.node, p.conninfo, p.url
from unnest(@nodes::integer[], @conninfos::text[], @urls::text[]) as p (node, conninfo, url)
