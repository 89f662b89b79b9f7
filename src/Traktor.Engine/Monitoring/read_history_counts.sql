-- How many conflicts wait, and what HistoryCounts needs to count all conflicts without reading the whole history.
select
    (select count(*) from trktr.history where resolved is null) as pending,
    (select count(*) from trktr.history where id > @floor) as above,
    (select count(*) from trktr.history where id > @floor and id <= @candidate) as inside,
    (select entries from trktr.history_purged) as purged,
    (select case when is_called then last_value else 0 end from trktr.history_id_seq) as last_id,
    pg_snapshot_xmin(pg_current_snapshot())::text::bigint as oldest_running,
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint as next_transaction
