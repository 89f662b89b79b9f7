-- Changes that hit a version which their writer may not have known: written in the change's own transaction, by the triggers and by the healer, taken away by the arbiter.
-- is_refused: the healer left the row as it was, and the new version was never written here.
-- recorded: what the healer, whose change it is, has put into the history itself: a, whatever it overwrote; l, only versions that are later than its change; n, it is not the healer's.
-- The setting says so, see ApplySql.Healing.
-- xid: the transaction of the change, and with it the new version's stamp, unless new_at and new_node say otherwise. partial: a large value may stem from another version.
create table trktr.overwrite_log (
    id          bigint generated always as identity primary key,
    schema_name text not null,
    table_name  text not null,
    key         text not null,
    operation   "char" not null check (operation in ('I', 'U', 'D')),
    old_row     json,
    old_at      timestamptz,
    old_node    integer,
    old_incomplete boolean not null default false,
    new_row     json,
    new_at      timestamptz,
    new_node    integer,
    new_incomplete boolean not null default false,
    xid         xid8 not null default pg_current_xact_id(),
    peer        integer,
    logged_at       timestamptz not null default clock_timestamp(),
    is_refused  boolean not null default false,
    recorded    "char" not null default case current_setting('trktr.healing', true) when 'later' then 'l' when 'all' then 'a' when 'final' then 'a' else 'n' end
);
create index overwrite_log_xid on trktr.overwrite_log (xid)
