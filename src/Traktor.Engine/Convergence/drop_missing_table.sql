-- Deletes what waits of a table that is not here any more, or has lost its key: nothing can be done for it.
with j as (
    delete from trktr.overwrite_log
    where (schema_name, table_name) = (@schema, @table)
)
delete from trktr.contested_key
where (schema_name, table_name) = (@schema, @table)
