-- Peers that a table was opened without, by force: what was written before they had it is missing there until somebody copies it.
create table trktr.resync (
    node_id     integer not null,
    schema_name text not null,
    table_name  text not null,
    since       timestamptz not null default clock_timestamp(),
    primary key (node_id, schema_name, table_name)
);
