-- Begins a new attempt to open a table: only reports about this attempt count from now on.
update trktr.replicaset
set opening = gen_random_uuid()
where schema_name = @schema
  and table_name = @name
