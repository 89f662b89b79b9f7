-- Notes how a table of comparison @id is compared, and when it was begun.
update trktr.comparison_table
set plan = @plan::jsonb,
    began_at = clock_timestamp()
where task_id = @id
  and schema_name = @schema
  and table_name = @name
