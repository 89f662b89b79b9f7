-- Deletes what waits for a table that no longer exists on this node, or has lost its key.
with j as (
    delete from trktr.overwrite_log
    where (schema_name, table_name) = (@schema, @table)
)
delete from trktr.contested_key
where (schema_name, table_name) = (@schema, @table)
