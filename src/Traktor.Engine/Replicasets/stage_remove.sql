-- Stages the removal of an open table.
update trktr.replicaset
set state = 'pending-remove',
    staged = clock_timestamp()
where schema_name = @schema
  and table_name = @name
  and state = 'committed'
