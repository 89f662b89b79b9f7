-- What is remembered of each contested key until everybody knows it: the greatest version, image null for a deleted row. touched: the own heartbeat that everybody has to have heard first;
-- is_sent: whether it was sent as an outcome; is_unapplied: whether the row has still to be brought to it, over the version replaces_at, replaces_node only;
-- is_unsent: whether it has still to be sent, which waits for the row; decided: when it was, by this node's clock.
create table trktr.contested_key (
    schema_name text not null,
    table_name  text not null,
    key         text not null,
    stamp_at    timestamptz not null,
    stamp_node  integer not null,
    image       json,
    is_incomplete  boolean not null default false,
    touched     bigint not null,
    is_sent     boolean not null default false,
    is_unapplied      boolean not null default false,
    replaces_at      timestamptz,
    replaces_node    integer,
    is_unsent     boolean not null default false,
    decided     timestamptz not null default clock_timestamp(),
    primary key (schema_name, table_name, key)
)
