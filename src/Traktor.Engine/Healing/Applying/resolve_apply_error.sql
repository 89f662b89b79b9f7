-- A transaction that could not be applied to the table is applied now: somebody mended the table.
update trktr.history
set resolved = clock_timestamp(),
    resolution = 'apply_remote',
    resolved_by = 'mended'
where subscription = @name
  and lsn = @lsn::pg_lsn
  and conflict_type = 'apply_error'
  and resolved is null
