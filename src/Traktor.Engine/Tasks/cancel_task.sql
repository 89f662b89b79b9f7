-- Cancels task @id unless it is finished: a queued one at once. Returns its state; no row when it is finished.
update trktr.task
set is_cancelling = state = 'running',
    state = case state when 'queued' then 'cancelled' else state end,
    finished_at = case state when 'queued' then clock_timestamp() end
where id = @id
  and finished_at is null
returning state
