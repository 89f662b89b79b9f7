-- What each peer's arbiter says of a table that is being opened: written by the peer, into the publisher's database.
create table trktr.subscriber_table (
    node_id     integer not null,
    schema_name text not null,
    table_name  text not null,
    opening     uuid not null,
    stage       text not null check (stage in ('unable', 'able', 'subscribed')),
    reason      text,
    told        timestamptz not null default clock_timestamp(),
    primary key (node_id, schema_name, table_name)
);
