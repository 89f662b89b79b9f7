-- Starts opening a table, or asks all peers again about one that is being opened.
update trktr.replicaset
set state = 'pending-add',
    opening = gen_random_uuid(),
    excluded = '{}'
where schema_name = @schema
  and table_name = @name
