-- The whole remote transaction around a conflict, to be looked at. "changes" is an array of
-- {"ordinal", "operation", "relation", "key", "old", "row"} in the order of the transaction; not all of them when is_truncated.
create table trktr.remote_transaction (
    subscription text not null,
    lsn          pg_lsn not null,
    xid          bigint not null,
    committed    timestamptz not null,
    change_count bigint not null,
    changes      jsonb not null default '[]' check (jsonb_typeof(changes) = 'array'),
    is_truncated boolean not null default false,
    primary key (subscription, lsn)
)
