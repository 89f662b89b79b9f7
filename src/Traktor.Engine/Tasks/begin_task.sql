-- Notes that the arbiter works on task @id, and returns how often one has; no row when it is finished.
update trktr.task
set state = 'running',
    begun = begun + 1,
    started_at = coalesce(started_at, clock_timestamp()),
    waits_for = null
where id = @id
  and finished_at is null
returning begun
