-- Gives every key of a table of comparison @id that has no verdict the one that it was always in flight.
update trktr.comparison_key
set verdict = 'in_flight'
where task_id = @id
  and schema_name = @schema
  and table_name = @name
  and verdict is null
