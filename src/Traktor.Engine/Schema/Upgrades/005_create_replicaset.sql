-- The tables that this node offers. "opening" names one attempt to open a table; peers answer to it in trktr.subscriber_table.
-- "excluded" are peers that it was opened without, by force.
create table trktr.replicaset (
    schema_name text not null,
    table_name  text not null,
    state       text not null check (state in ('pending-add', 'committed', 'pending-remove')),
    policy      text not null default 'last_update_wins',
    opening     uuid,
    excluded    integer[] not null default '{}',
    staged      timestamptz not null default clock_timestamp(),
    committed   timestamptz,
    primary key (schema_name, table_name)
);
