-- Notes that a table of comparison @id is done.
update trktr.comparison_table
set finished_at = clock_timestamp(),
    problem = @problem
where task_id = @id
  and schema_name = @schema
  and table_name = @name
