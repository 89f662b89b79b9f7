-- How far a heal has applied a peer's transactions, written in those very transactions: the truth while a subscription is disabled by us.
-- PostgreSQL 16 and newer move a replication origin's progress also when a transaction is aborted after it was told its position, so that the origin's own may be ahead.
create table trktr.healing_progress (
    inbound_node integer primary key,
    lsn          pg_lsn not null
) with (fillfactor = 10);
