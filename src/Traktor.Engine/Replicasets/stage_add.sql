-- Stages a table, or takes back its staged removal. No row is written when there is nothing to do.
insert into trktr.replicaset as r (schema_name, table_name, state)
values (@schema, @name, 'pending-add')
on conflict (schema_name, table_name) do update
set state = 'committed'
where r.state = 'pending-remove'
