-- Records that the table is open to every peer.
update trktr.replicaset
set state = case when state = 'pending-add' then 'committed' else state end,
    committed = coalesce(committed, clock_timestamp()),
    opening = null,
    excluded = '{}'
where schema_name = @schema
  and table_name = @name
