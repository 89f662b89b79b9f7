-- Records that a peer lacks the rows that are written before it has the table.
insert into trktr.resync (node_id, schema_name, table_name)
values (@node, @schema, @name)
on conflict do nothing
