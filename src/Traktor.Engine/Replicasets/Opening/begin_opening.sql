-- A new attempt to open a table: from now on only reports about it count.
update trktr.replicaset
set opening = gen_random_uuid()
where schema_name = @schema
  and table_name = @name
