-- Records that a peer may lack rows of a table, and why.
insert into trktr.resync (node_id, schema_name, table_name, reason)
values (@node, @schema, @name, @reason)
on conflict (node_id, schema_name, table_name) do update
set reason = excluded.reason,
    since = excluded.since,
    id = excluded.id
