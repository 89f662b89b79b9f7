-- All nodes that this one has heard of. Replicated: each node writes its own row, and only that one.
create table trktr.node (
    node_id            integer primary key,
    arbiter_url        text not null,
    server_version_num integer not null,
    incarnation        uuid not null,
    announced          timestamptz not null default clock_timestamp()
);
