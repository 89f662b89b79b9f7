-- Stages a table, or cancels its staged removal. Writes no row when there is nothing to do.
insert into trktr.replicaset as r (schema_name, table_name, state)
values (@schema, @name, 'pending-add')
on conflict (schema_name, table_name) do update
set state = 'committed'
where r.state = 'pending-remove'
