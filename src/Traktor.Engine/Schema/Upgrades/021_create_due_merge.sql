-- Rows that somebody put together by hand and that are still to be written here as ordinary rows: noted with the remote transaction, removed with the write.
create table trktr.pending_merge (
    history_id bigint primary key references trktr.history (id) on delete cascade
);
