-- Sets a table's policy and whether its conflicts are detected (null leaves either unchanged). The table is found by
-- the name as written, else as SQL folds it. was: the value before. No row when the replicaset has neither.
with found as (
    select schema_name, table_name, policy, detector
    from trktr.replicaset
    where (schema_name, table_name) in ((@schema, @name), (@foldedSchema, @foldedName))
    order by (schema_name, table_name) <> (@schema, @name)
    limit 1
    for update
)
update trktr.replicaset r
set policy = coalesce(@policy::text, found.policy),
    detector = coalesce(@detector::boolean, found.detector)
from found
where r.schema_name = found.schema_name
  and r.table_name = found.table_name
returning
    r.schema_name as schema,
    r.table_name as name,
    r.policy,
    r.detector,
    found.policy as was,
    found.detector as was_detector
