-- A transaction that had failed on a table is now applied: the table was fixed.
update trktr.history
set resolved = clock_timestamp(),
    resolution = 'apply_remote',
    resolved_by = 'mended'
where subscription = @name
  and lsn = @lsn::pg_lsn
  and conflict_type = 'apply_error'
  and resolved is null
