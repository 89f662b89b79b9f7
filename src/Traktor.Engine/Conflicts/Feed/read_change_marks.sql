-- The last numbers that the history's sequences returned, and which transactions may still commit lower ones. Read it
-- before the changes.
select
    (select case when is_called then last_value else 0 end from trktr.history_id_seq) as last_id,
    (select case when is_called then last_value else 0 end from trktr.history_revision) as last_revision,
    pg_snapshot_xmin(pg_current_snapshot())::text::bigint as oldest_running,
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint as next_transaction
