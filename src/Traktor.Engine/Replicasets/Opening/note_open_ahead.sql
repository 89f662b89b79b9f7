-- Records that the table is open to some peers. The opening continues for the others.
update trktr.replicaset
set state = case when state = 'pending-add' then 'committed' else state end,
    committed = coalesce(committed, clock_timestamp()),
    excluded = '{}'
where schema_name = @schema
  and table_name = @name
