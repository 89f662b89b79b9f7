-- Who this node is: one row. The incarnation tells this database from every other, also from one that claims the same NodeID.
create table trktr.identity (
    singleton      boolean primary key default true check (singleton),
    node_id        integer not null check (node_id between 0 and 32767),
    incarnation    uuid not null default gen_random_uuid(),
    schema_version integer not null,
    initialized    timestamptz not null default clock_timestamp()
);
