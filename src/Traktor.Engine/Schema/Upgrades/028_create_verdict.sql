-- What a node says of a contested key to all others. Replicated, and only ever inserted into: so it travels in its sender's stream behind all that the sender did before.
create table trktr.winner (
    node_id     integer not null,
    seq         bigint not null,
    schema_name text not null,
    table_name  text not null,
    key         text not null,
    stamp_at    timestamptz not null,
    stamp_node  integer not null,
    image       json,
    is_incomplete  boolean not null default false,
    primary key (node_id, seq)
);
-- Begins with the time, so that a node that was taken out and made anew goes on above what it had reached before.
create sequence trktr.winner_seq;
select setval('trktr.winner_seq', (extract(epoch from clock_timestamp()) * 1000)::bigint)
