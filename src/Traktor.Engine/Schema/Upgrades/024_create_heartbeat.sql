-- The pulse of each node, about one a second. Replicated: each node updates its own row, and nothing but updates ever travels; the rows themselves are made by each node for itself.
-- vector: for each other node the seq of its last heartbeat that the sender had applied when it began the round that ended with this one.
create table trktr.heartbeat (
    node_id integer primary key check (node_id between 0 and 32767),
    seq     bigint not null,
    clock   timestamptz not null default clock_timestamp(),
    vector  jsonb not null default '{}' check (jsonb_typeof(vector) = 'object')
) with (fillfactor = 20)
