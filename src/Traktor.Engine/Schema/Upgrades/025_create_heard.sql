-- The heartbeats that this node has applied or sent. xid: of a peer's the local transaction that applied it, so that what came before it in the same stream has smaller ones;
-- of an own one the oldest transaction that was still running when it was sent. Pruned as soon as everybody has acknowledged a later one.
create table trktr.heartbeat_receipt (
    node_id integer not null,
    seq     bigint not null,
    xid     xid8 not null,
    vector  jsonb not null,
    clock   timestamptz not null,
    received_at   timestamptz not null default clock_timestamp(),
    primary key (node_id, seq)
)
