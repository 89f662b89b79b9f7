-- Notes how a table of comparison @id is compared, when it was begun, and which records of rows that nodes may lack it
-- closes if the table is equal.
update trktr.comparison_table
set plan = @plan::jsonb,
    resync = @resync,
    began_at = clock_timestamp()
where task_id = @id
  and schema_name = @schema
  and table_name = @name
