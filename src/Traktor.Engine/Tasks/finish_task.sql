-- Notes the final state of task @id.
update trktr.task
set state = @state,
    is_cancelling = false,
    finished_at = clock_timestamp(),
    waits_for = null,
    problem = @problem,
    result = @result::jsonb
where id = @id
  and finished_at is null
