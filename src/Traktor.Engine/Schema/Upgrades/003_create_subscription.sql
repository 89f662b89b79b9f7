-- What an operator wants of a subscription; what it is stands in pg_subscription.
create table trktr.subscription (
    inbound_node integer primary key,
    incarnation  uuid not null,
    created      timestamptz not null default clock_timestamp(),
    paused_at    timestamptz
);
