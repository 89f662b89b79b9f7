-- Notes the progress of the part @name of task @id.
update trktr.task_item
set rows_total = @rowsTotal,
    rows_done = @rowsDone,
    bytes_total = @bytesTotal,
    worked_ms = @workedMs,
    is_finished = @isFinished,
    problem = @problem
where task_id = @id
  and name = @name
