-- Resolves errors of transactions that were applied since: what was wrong was mended, and the server's own apply worker
-- came first.
update trktr.history h
set resolved = clock_timestamp(),
    resolution = 'apply_remote',
    resolved_by = 'mended'
from pg_subscription s
where h.resolved is null
  and h.conflict_type = 'apply_error'
  and s.subname = h.subscription
  and s.subdbid = (select oid from pg_database where datname = current_database())
  and h.lsn < pg_replication_origin_progress('pg_' || s.oid, false)
