-- Sets a table's policy under the name as written, else as SQL folds it. was: the policy before. No row when the replicaset has neither.
with found as (
    select schema_name, table_name, policy
    from trktr.replicaset
    where (schema_name, table_name) in ((@schema, @name), (@foldedSchema, @foldedName))
    order by (schema_name, table_name) <> (@schema, @name)
    limit 1
    for update
)
update trktr.replicaset r
set policy = @policy
from found
where r.schema_name = found.schema_name and r.table_name = found.table_name
returning r.schema_name as schema, r.table_name as name, found.policy as was
