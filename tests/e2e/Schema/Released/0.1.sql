-- What the arbiter of release 0.1 makes in the database of node 0. Never changed once the release is out.
create schema trktr;

-- Schema/Migrations/001_baseline.sql

-- The tables, indexes and publications of release 0.1. Functions, views and grants have files of their own, which are
-- installed after the migrations and whenever they change; triggers of these tables stand with their functions.

-- Schema: which scripts are installed here

-- The any-time scripts (functions, views, grants) with the SHA-256 of the text that was installed.
create table trktr.schema_script (
    path         text primary key,
    hash         text not null,
    installed_at timestamptz not null default clock_timestamp()
);

-- Nodes

-- Who this node is: one row. The incarnation tells this database from any other, also from one that claims the same
-- NodeID. schema_version is the number of the last migration.
create table trktr.identity (
    singleton           boolean primary key default true check (singleton),
    node_id             integer not null check (node_id between 0 and 32767),
    incarnation         uuid not null default gen_random_uuid(),
    schema_version      integer not null,
    pre16_compatibility boolean not null default false,
    initialized         timestamptz not null default clock_timestamp()
);

-- All nodes that this one knows. Replicated: each node writes its own row, and only that one. pre16_compatibility is
-- the arbiter's setting, which has to be the same everywhere.
create table trktr.node (
    node_id             integer primary key,
    arbiter_url         text not null,
    server_version_num  integer not null,
    incarnation         uuid not null,
    pre16_compatibility boolean not null default false,
    announced           timestamptz not null default clock_timestamp()
);

-- Subscriptions

-- What an operator wants of a subscription; what it is stands in pg_subscription.
-- healing_since, healing_state, healing_note: the arbiter has disabled it, since when, why, and why in words. They are
-- written in the transaction that disables the subscription and cleared in the one that enables it, so that an arbiter
-- that was killed finds its work, and a subscription that an operator disabled is told apart.
-- is_filtered: the peer may forward what it applied, so that only its marked transactions are taken.
create table trktr.subscription (
    inbound_node  integer primary key,
    incarnation   uuid not null,
    created       timestamptz not null default clock_timestamp(),
    paused_at     timestamptz,
    healing_since timestamptz,
    healing_state text check (healing_state in ('healing', 'awaiting', 'stuck')),
    healing_note  text,
    is_filtered   boolean not null default false,
    constraint subscription_healing_check check ((healing_since is null) = (healing_state is null))
);

-- Slots on peers that nothing here uses any more, or that are being made. They keep WAL on the peer, and are dropped
-- when the peer can be reached.
create table trktr.orphaned_slot (
    inbound_node      integer primary key,
    connection_string text not null,
    since             timestamptz not null default clock_timestamp()
);

-- Replicasets

-- The tables that this node offers. opening names one attempt to open a table; peers answer to it in
-- trktr.subscriber_table. excluded: peers that it was opened without, by force. detector: whether its silent conflicts
-- are looked for; an operator can exempt a table whose rows are never written on two nodes.
create table trktr.replicaset (
    schema_name text not null,
    table_name  text not null,
    state       text not null check (state in ('pending-add', 'committed', 'pending-remove')),
    policy      text not null default 'last_update_wins' check (policy in (
        'last_update_wins', 'first_update_wins', 'node_priority', 'keep_local', 'apply_remote', 'manual')),
    detector    boolean not null default true,
    opening     uuid,
    excluded    integer[] not null default '{}',
    staged      timestamptz not null default clock_timestamp(),
    committed   timestamptz,
    primary key (schema_name, table_name)
);

-- What each peer's arbiter reports of a table that is being opened: written by the peer, into the publisher's database.
create table trktr.subscriber_table (
    node_id     integer not null,
    schema_name text not null,
    table_name  text not null,
    opening     uuid not null,
    stage       text not null check (stage in ('unable', 'able', 'subscribed')),
    reason      text,
    reported    timestamptz not null default clock_timestamp(),
    primary key (node_id, schema_name, table_name)
);

-- Peers that a table was opened without, by force: rows written before they had it are missing there until they are
-- copied.
create table trktr.resync (
    node_id     integer not null,
    schema_name text not null,
    table_name  text not null,
    since       timestamptz not null default clock_timestamp(),
    primary key (node_id, schema_name, table_name)
);

-- Marks: which transactions are a node's own, where a server of the mesh is PostgreSQL 15

-- PostgreSQL 15 has no "origin = none": it forwards what it applied, and takes whatever a peer forwards. So each
-- transaction of a node's own sessions inserts its NodeID here before its first change. The row reaches the peers
-- that need it (publication trktr_pub_origin_marks) and is not stored there. A forwarded transaction therefore
-- carries no mark. The arbiter deletes the rows.
create table trktr.origin_mark (
    node_id integer not null
) with (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_insert_threshold = -1
);
alter table trktr.origin_mark replica identity full;

-- Peers that need this node's marks: they say so before they make their slots.
create table trktr.marked_subscriber (
    node_id integer primary key
);

-- No trigger can drop a forwarded TRUNCATE: two nodes of PostgreSQL 15 would send one to and fro for ever. Where
-- transactions are marked TRUNCATE is therefore not published; a row here says what was emptied, and arrives like any
-- other. relations is an array of [schema, table]: all that one statement emptied, since tables that refer to one
-- another have to be emptied together.
create table trktr.truncation (
    node_id   integer not null,
    id        bigint generated always as identity,
    relations jsonb not null,
    primary key (node_id, id)
);

-- Heartbeats

-- One heartbeat a second of each node. Replicated: each node updates its own row, and only updates travel; the rows
-- themselves are inserted by each node for itself. vector: for each other node the seq of its last heartbeat that the
-- sender had applied when it began the round that ended with this one.
create table trktr.heartbeat (
    node_id integer primary key check (node_id between 0 and 32767),
    seq     bigint not null,
    clock   timestamptz not null default clock_timestamp(),
    vector  jsonb not null default '{}' check (jsonb_typeof(vector) = 'object')
) with (fillfactor = 20);

-- The heartbeats that this node has applied or sent. xid: of a peer's heartbeat the local transaction that applied it,
-- so that what came before it in the same stream has smaller ones; of an own heartbeat the oldest transaction that was
-- still running when it was sent. Pruned as soon as every node has acknowledged a later one.
create table trktr.heartbeat_receipt (
    node_id     integer not null,
    seq         bigint not null,
    xid         xid8 not null,
    vector      jsonb not null,
    clock       timestamptz not null,
    received_at timestamptz not null default clock_timestamp(),
    primary key (node_id, seq)
);

-- Every node has every row version of this one whose xmin is older than xid. Null: nothing is known to be everywhere.
create table trktr.stable_xid (
    singleton boolean primary key default true check (singleton),
    xid       xid8
) with (fillfactor = 20);
insert into trktr.stable_xid default values;

-- Conflicts

-- One row a conflict. (subscription, lsn, ordinal) names it: lsn is the end of the remote transaction, ordinal numbers
-- its changes from 1. local_row is the row in the way; of multiple_unique_conflicts the array of them. outcome is what
-- the policy says, decision what an operator says, resolution what was done.
-- No check constraints: the server reads and prepares each anew for every statement that writes the table, which took a
-- fifth of the time of a healed transaction. ConflictWords and record_decision.sql hold what they would.
create table trktr.history (
    id             bigint generated always as identity primary key,
    subscription   text not null,
    peer           integer not null,
    lsn            pg_lsn not null,
    ordinal        integer not null,
    occurred       timestamptz not null default clock_timestamp(),
    relation       text not null,
    conflict_type  text not null,
    operation      text,
    unique_index   text,
    key            jsonb,
    local_row      jsonb,
    local_stamp    timestamptz,
    local_origin   integer,
    remote_row     jsonb,
    remote_stamp   timestamptz,
    remote_origin  integer,
    sql_state_code text,
    reason         text,
    policy         text,
    outcome        text,
    decision       text,
    decided_by     text,
    decided_at     timestamptz,
    merged_row     jsonb,
    resolution     text,
    resolved       timestamptz,
    resolved_by    text,
    revision       bigint,
    unique (subscription, lsn, ordinal)
);
-- Pages run by id. These serve the list of what waits (empty where policies decide everything) and pages of one table.
create index history_pending on trktr.history (id) where resolved is null;
create index history_relation on trktr.history (relation, id);
-- revision numbers every change of a row after its insert, so that a reader of the feed finds what was decided and
-- resolved since.
create sequence trktr.history_revision;
create unique index history_revision_key on trktr.history (revision) where revision is not null;

-- How many resolved conflicts were purged, so that the count of all that were ever resolved does not fall.
create table trktr.history_purged (
    singleton boolean primary key default true check (singleton),
    entries   bigint not null default 0
);
insert into trktr.history_purged default values;

-- The whole remote transaction around a conflict, for display. changes is an array of {"ordinal", "operation",
-- "relation", "key", "old", "row"} in the order of the transaction; not all of them when is_truncated.
create table trktr.remote_transaction (
    subscription text not null,
    lsn          pg_lsn not null,
    xid          bigint not null,
    committed    timestamptz not null,
    change_count bigint not null,
    changes      jsonb not null default '[]' check (jsonb_typeof(changes) = 'array'),
    is_truncated boolean not null default false,
    primary key (subscription, lsn)
);

-- Ranks under policy node_priority that differ from the NodeID; the smallest wins. Each node has its own copy, and
-- differences between nodes are reported: a replicated table could itself be in conflict when it is needed.
create table trktr.node_priority (
    node_id  integer primary key check (node_id between 0 and 32767),
    priority integer not null
);

-- Healing

-- How far a heal has applied a peer's transactions, written in those very transactions: the truth while a subscription
-- is disabled by the arbiter. PostgreSQL 16 and later move a replication origin's progress also when a transaction is
-- aborted after its position was set, so that the origin's own may be ahead.
create table trktr.healing_progress (
    inbound_node integer primary key,
    lsn          pg_lsn not null
) with (fillfactor = 10);

-- Rows that an operator merged and that are still to be written here as ordinary rows: inserted with the remote
-- transaction, deleted with the write.
create table trktr.pending_merge (
    history_id bigint primary key references trktr.history (id) on delete cascade
);

-- Convergence

-- Changes that hit a version which their writer may not have known: written in the change's own transaction, by the
-- triggers and by the healer, deleted by the arbiter.
-- operation: I, U or D, without a check constraint, which would be prepared anew for every row.
-- old_incomplete, new_incomplete: a large value may stem from another version.
-- xid: the transaction of the change, and with it the new version's stamp, unless new_at and new_node give another.
-- is_refused: the healer left the row as it was, and the new version was never written here.
-- recorded: what the healer, whose change it is, has put into the history itself: a, whatever it overwrote; l, only
-- versions later than its change; n, it is not the healer's. See Recording.
create table trktr.overwrite_log (
    id             bigint generated always as identity primary key,
    schema_name    text not null,
    table_name     text not null,
    key            text not null,
    operation   "char" not null,
    old_row        json,
    old_at         timestamptz,
    old_node       integer,
    old_incomplete boolean not null default false,
    new_row        json,
    new_at         timestamptz,
    new_node       integer,
    new_incomplete boolean not null default false,
    xid            xid8 not null default pg_current_xact_id(),
    peer           integer,
    logged_at      timestamptz not null default clock_timestamp(),
    is_refused     boolean not null default false,
    recorded    "char" not null default
        case current_setting('trktr.healer_records', true)
            when 'later' then 'l'
            when 'all' then 'a'
            when 'final' then 'a'
            else 'n'
        end
);
create index overwrite_log_xid on trktr.overwrite_log (xid);
-- The arbiter reads what is known of some hundred keys at a time. By a hash of the key: a key may be longer than an
-- index entry can be, and a hot one stands here a thousand times.
create index overwrite_log_key on trktr.overwrite_log (hashtextextended(key, 0));

-- Each contested key until every node knows its winner. stamp_at, stamp_node, image: the greatest version, with a
-- null image for a deleted row. heartbeat_seq: the own heartbeat that every node has to acknowledge first. is_sent:
-- it was sent as an outcome. is_unapplied: the row has still to be brought to it, over the version replaces_at,
-- replaces_node only. is_unsent: it has still to be sent, which waits for the row. decided: when it was, by this
-- node's clock.
create table trktr.contested_key (
    schema_name   text not null,
    table_name    text not null,
    key           text not null,
    stamp_at      timestamptz not null,
    stamp_node    integer not null,
    image         json,
    is_incomplete boolean not null default false,
    heartbeat_seq bigint not null,
    is_sent       boolean not null default false,
    is_unapplied  boolean not null default false,
    replaces_at   timestamptz,
    replaces_node integer,
    is_unsent     boolean not null default false,
    decided       timestamptz not null default clock_timestamp(),
    primary key (schema_name, table_name, key)
);
-- Read ten times a second, while the table may be full of keys of which nothing waits.
create index contested_key_waiting on trktr.contested_key (heartbeat_seq) where is_unsent or is_unapplied and not is_incomplete;
-- The oldest key that may be deleted is looked for at each heartbeat. While a node is away they gather, and none may
-- be.
create index contested_key_acknowledged on trktr.contested_key (heartbeat_seq) where not is_unsent and (not is_unapplied or is_incomplete);

-- The winner of a contested key, as a node announces it to all others. Replicated, and only ever inserted into: so it
-- travels in its sender's stream behind all that the sender did before.
create table trktr.winner (
    node_id       integer not null,
    seq           bigint not null,
    schema_name   text not null,
    table_name    text not null,
    key           text not null,
    stamp_at      timestamptz not null,
    stamp_node    integer not null,
    image         json,
    is_incomplete boolean not null default false,
    primary key (node_id, seq)
);
create index winner_key on trktr.winner (hashtextextended(key, 0));
-- Begins with the time in milliseconds, so that a node that left and joined again goes on above what it had reached.
create sequence trktr.winner_seq;
select setval('trktr.winner_seq', (extract(epoch from clock_timestamp()) * 1000)::bigint);

-- Publications

-- What this node offers to all its peers. Partitioned tables are offered as a whole, so that peers may partition them
-- differently. heartbeat and outcome are added to each subscriber's own publication, see offer_tables.
create publication trktr_pub for table trktr.node, trktr.truncation with (publish_via_partition_root = true);

-- The marks of this node's own transactions, for the peers that need them.
create publication trktr_pub_origin_marks for table trktr.origin_mark with (publish = 'insert');

-- Schema/Functions/assign_revision.sql

-- Numbers every change of a history row after its insert. Its trigger fires always: the session that heals runs as a
-- replica.
-- Called by: the trigger assign_revision of trktr.history.
-- Session:   any that updates the history: the arbiter's, also the one that heals.
-- Rights:    the session's.
-- Settings:  none.
create or replace function trktr.assign_revision() returns trigger
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
begin
    new.revision := nextval('trktr.history_revision');
    return new;
end
$$;

create or replace trigger assign_revision
    before update on trktr.history
    for each row execute function trktr.assign_revision();
alter table trktr.history enable always trigger assign_revision;

-- Schema/Functions/detect_delete.sql

-- As detect_update, for applied deletes. A node's delete of what it wrote itself is ordinary only while the overwrite
-- log is empty: the version may have been logged as the winner a moment ago, and no other node would know that it was
-- taken back.
-- Called by: the trigger trktr_detect_delete of each replicated table, for rows that are applied; its arguments are the
--            schema, the table (the root of partitions), and the columns of the key.
-- Session:   an apply worker's; the healer's.
-- Rights:    of the table's owner, on PostgreSQL 16 and later; else the arbiter's.
-- Settings:  reads trktr.stable_xid, trktr.origin, trktr.overwrite_log_empty and trktr.logged_table.
create or replace function trktr.detect_delete() returns trigger
    language plpgsql
    stable
as $$
begin
    if (age(old.xmin) > age(nullif(current_setting('trktr.stable_xid', true), '')::xid)
            or current_setting('trktr.overwrite_log_empty', true) = 'on'
                and (pg_xact_commit_timestamp_origin(old.xmin)).roident
                    = nullif(current_setting('trktr.origin', true), '')::oid)
        and not pg_try_advisory_xact_lock_shared(7824051, 1) then
        return old;
    end if;
    if current_setting('trktr.logged_table', true) = tg_argv[0] || '.' || tg_argv[1] then
        return old;
    end if;
    perform trktr.log_overwrite(tg_argv, old.xmin, tg_relid, old, null);
    return old;
end
$$;

-- Schema/Functions/detect_key_change.sql

-- Logs an update that changes the key: the row under its new key hits nothing anywhere, and may be missed where the old
-- one is gone. row_security: a session may have it off, where the policies of our tables would be an error.
-- Called by: the trigger trktr_detect_key_change of each replicated table, for an update that really changes the key;
--            its arguments are the schema, the table (the root of partitions), and the columns of the key.
-- Session:   the application's.
-- Rights:    the application's; the policy log_key_change lets it log no more than this.
-- Settings:  none.
create or replace function trktr.detect_key_change() returns trigger
    language plpgsql
    set search_path = pg_catalog, pg_temp
    set row_security = on
as $$
declare
    new_image constant json := trktr.image(new);
begin
    insert into trktr.overwrite_log (schema_name, table_name, key, operation, new_row)
    values (tg_argv[0], tg_argv[1], trktr.key_of(new_image, tg_argv[2:]), 'I', new_image);
    return null;
end
$$;

-- Schema/Functions/detect_update.sql

-- Sees an applied update of a version that its writer may not have known, and has log_overwrite log it. The three
-- tests are one expression, since each costs time for every row, and the function is stable, so that it is evaluated
-- without a snapshot of its own: the version is one that every node has, or the writer's own node wrote it, and
-- nothing is contested. The arbiter holds the advisory lock as long as it lives and nothing is contested: whoever
-- gets it has to look the key up.
-- Called by: the trigger trktr_detect_update of each replicated table, for rows that are applied; its arguments are the
--            schema, the table (the root of partitions), and the columns of the key.
-- Session:   an apply worker's; the healer's.
-- Rights:    of the table's owner, on PostgreSQL 16 and later; else the arbiter's.
-- Settings:  reads trktr.stable_xid, trktr.origin and trktr.logged_table.
create or replace function trktr.detect_update() returns trigger
    language plpgsql
    stable
as $$
begin
    if (age(old.xmin) > age(nullif(current_setting('trktr.stable_xid', true), '')::xid)
            or (pg_xact_commit_timestamp_origin(old.xmin)).roident
                = nullif(current_setting('trktr.origin', true), '')::oid)
        and not pg_try_advisory_xact_lock_shared(7824051, 1) then
        return new;
    end if;
    if current_setting('trktr.logged_table', true) = tg_argv[0] || '.' || tg_argv[1] then
        return new;
    end if;
    perform trktr.log_overwrite(tg_argv, old.xmin, tg_relid, old, new);
    return new;
end
$$;

-- Schema/Functions/drop_forwarded.sql

-- Drops a row that the peer merely forwards.
-- Called by: the trigger !trktr_filter of each table that arrives in a filtered stream, for rows that are applied,
--            before all other triggers.
-- Session:   an apply worker's; the healer's.
-- Rights:    of the table's owner, on PostgreSQL 16 and later; else the arbiter's.
-- Settings:  reads trktr.stream_filter.
create or replace function trktr.drop_forwarded() returns trigger
    language plpgsql
as $$
begin
    if current_setting('trktr.stream_filter', true) = 'pass'
        or coalesce(current_setting('trktr.stream_filter', true), '') = '' and trktr.set_stream_filter() = 'pass' then
        if tg_op = 'DELETE' then
            return old;
        end if;
        return new;
    end if;
    return null;
end
$$;

-- Schema/Functions/escape_json.sql

-- A column of type json takes escapes that text and jsonb do not: \u0000, and halves of surrogate pairs. No operator
-- reads such a document, nor a row with one in it. So images hold \u001a0000 in place of \u0000 and so on: the control
-- character SUB, which stands for what cannot be written, before the four digits.
-- Called by: image, log_overwrite, row_as_jsonb; the arbiter's statements that make images.
-- Session:   any of the arbiter's; an apply worker's; the application's.
-- Rights:    the session's; in a trigger those of the table's owner.
-- Settings:  none.
create or replace function trktr.escape_json(image json) returns json
    language sql
    stable
return case
    when strpos(image::text, '\u') = 0 then image
    else regexp_replace(
        image::text,
        '(?<!\\)((?:\\\\)*)\\u(0000|[dD][89a-fA-F][0-9a-fA-F]{2})',
        '\1\\u001a\2',
        'g')::json
end;

-- Schema/Functions/has_privilege_on.sql

-- Whether the current role may do something with a table: 'own', or a privilege as has_any_column_privilege names it.
-- Called by: the row-level security policies of trktr.overwrite_log and trktr.contested_key.
-- Session:   an apply worker's; the healer's; the application's.
-- Rights:    those of the table's owner, or of the application.
-- Settings:  none.
create or replace function trktr.has_privilege_on(schema_name text, table_name text, privilege text) returns boolean
    language sql
    stable
    set search_path = pg_catalog, pg_temp
return coalesce(
    (
        select
            case privilege
                when 'own' then pg_has_role(c.relowner, 'usage')
                else has_any_column_privilege(c.oid, privilege)
            end
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = schema_name
          and c.relname = table_name
    ),
    false);

-- Schema/Functions/has_unchanged_toast.sql

-- Whether a large value is equal before and after a change: the peer perhaps did not send it (an unchanged TOAST
-- value), and it was filled in from the row that is here. Null is a value too: a large value that was not sent leaves
-- null where it is null here.
-- Called by: log_overwrite; the healer's statements that log overwrites themselves (OverwriteLog).
-- Session:   an apply worker's; the healer's.
-- Rights:    the session's; in a trigger those of the table's owner.
-- Settings:  none.
create or replace function trktr.has_unchanged_toast(relation oid, old_image json, new_image json) returns boolean
    language plpgsql
    stable
    set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (
        select
        from json_each_text(old_image) o
        join json_each_text(new_image) n on n.key = o.key and n.value is not distinct from o.value
        join pg_attribute a on a.attrelid = relation and a.attname = o.key and a.attlen = -1 and a.attstorage <> 'p');
end
$$;

-- Schema/Functions/image.sql

-- The image of a row: the text of each column as any session on any node reads it back, whatever its settings.
-- Called by: log_overwrite, detect_key_change; the arbiter's statements where the session's formats differ.
-- Session:   any of the arbiter's; an apply worker's; the application's.
-- Rights:    the session's; in a trigger those of the table's owner, since a cast to json can be a user's function.
-- Settings:  none of ours; sets the formats of values for its own duration.
create or replace function trktr.image(version record) returns json
    language plpgsql
    stable
    set search_path = pg_catalog, pg_temp
    set timezone = 'UTC'
    set datestyle = 'ISO, YMD'
    set intervalstyle = 'postgres'
    set extra_float_digits = 1
    set bytea_output = 'hex'
as $$
begin
    return trktr.escape_json(row_to_json(version));
end
$$;

-- Schema/Functions/key_of.sql

-- The key of an image: a JSON object of its key columns, each as text, in an order that is the same everywhere.
-- Called by: log_overwrite, detect_key_change; the arbiter's statements.
-- Session:   any of the arbiter's; an apply worker's; the application's.
-- Rights:    the session's; in a trigger those of the table's owner.
-- Settings:  none.
create or replace function trktr.key_of(image json, columns text[]) returns text
    language sql
    immutable
    set search_path = pg_catalog, pg_temp
return (
    select jsonb_object_agg(c.name, image ->> c.name)::text
    from unnest(columns) as c (name)
);

-- Schema/Functions/log_overwrite.sql

-- Logs a change of a version that its writer may not have known, or of a contested key, in trktr.overwrite_log.
-- names: the schema, the table (the root of partitions), and the columns of the key. The same decision in C#:
-- OverwriteRules, which the simulation drives, and OverwriteLog, for the healer's statements that write many rows. In
-- a storm every conflict that is healed comes through here, and each expression of a function is prepared anew in
-- every transaction: fewer expressions are worth more than short ones. row_security: the sessions that heal have it
-- off, where the policies of our tables would be an error.
-- Called by: detect_update, detect_delete.
-- Session:   an apply worker's; the healer's.
-- Rights:    of the table's owner, on PostgreSQL 16 and later; else the arbiter's.
-- Settings:  reads trktr.restoring, trktr.origin, trktr.peer, trktr.healer_records, trktr.overwrite_log_empty,
--            trktr.stable_xid and trktr.image_formats; clears trktr.overwrite_log_empty for the session.
create or replace function trktr.log_overwrite(
    names text[],
    old_xmin xid,
    relation oid,
    old_version record,
    new_version record) returns void
    language plpgsql
    set search_path = pg_catalog, pg_temp
    set row_security = on
as $$
declare
    peer      integer;
    stamp_at  timestamptz;
    stamp_by  oid;
    old_node  integer;
    is_known  boolean;
    own       integer;
    is_large  boolean;
    old_image json;
    new_image json;
    old_key   text;
    new_key   text;
    old_part  boolean;
    new_part  boolean := false;
begin
    -- ALTER TABLE … ENABLE TRIGGER ALL lets the trigger fire in every session until the arbiter has put it right; and
    -- what the arbiter restores is not news to it.
    if current_setting('session_replication_role') <> 'replica' or current_setting('trktr.restoring', true) = 'on' then
        return;
    end if;
    if coalesce(current_setting('trktr.origin', true), '') = '' then
        perform trktr.set_stream_settings();
    end if;
    peer := coalesce(nullif(nullif(current_setting('trktr.peer', true), ''), 'none')::integer, trktr.stream_peer());
    stamp_at := pg_xact_commit_timestamp(old_xmin);
    if stamp_at is null and age(old_xmin) <= age(pg_current_xact_id()::xid) then
        -- Written by this very transaction: no other saw that version. But if the key was logged before, what becomes
        -- of it in the end has to be known.
        if not exists (select from trktr.overwrite_log j where j.xid = pg_current_xact_id()) then
            return;
        end if;
    else
        -- Null for this node. A version whose stamp is forgotten is older than all that count.
        stamp_by := coalesce((pg_xact_commit_timestamp_origin(old_xmin)).roident, 0);
        old_node := case stamp_by
            when 0 then null
            when nullif(current_setting('trktr.origin', true), '')::oid then peer
            else trktr.node_of(stamp_by)
        end;
        -- A node's own delete of what it wrote is ordinary, unless that may have been logged as the winner a moment
        -- ago: no other node would know that it was taken back. Where the table's policy goes before time, what the
        -- healer overrides by it was decided the same everywhere.
        is_known := stamp_at is null
            or coalesce(current_setting('trktr.healer_records', true), '') = 'final'
            or coalesce(old_node = peer, false)
                and (new_version is distinct from null
                    or coalesce(current_setting('trktr.overwrite_log_empty', true), '') = 'on')
            or age(old_xmin) > age(coalesce(nullif(current_setting('trktr.stable_xid', true), ''), '0')::xid);
        if is_known then
            if not exists (select from trktr.contested_key r where r.schema_name = names[0] and r.table_name = names[1]) then
                return;
            end if;
        end if;
    end if;

    if coalesce(current_setting('trktr.image_formats', true), '') = 'on' then
        old_image := row_to_json(old_version);
        new_image := row_to_json(new_version);
        if strpos(old_image::text, '\u') > 0 or strpos(new_image::text, '\u') > 0 then
            old_image := trktr.escape_json(old_image);
            new_image := trktr.escape_json(new_image);
        end if;
    else
        old_image := trktr.image(old_version);
        new_image := trktr.image(new_version);
    end if;
    old_key := case
        when array_upper(names, 1) = 2 then jsonb_build_object(names[2], old_image ->> names[2])::text
        else trktr.key_of(old_image, names[2:])
    end;
    if is_known then
        if not exists (
            select
            from trktr.contested_key r
            where r.schema_name = names[0]
              and r.table_name = names[1]
              and r.key = old_key) then
            return;
        end if;
    end if;
    perform set_config('trktr.overwrite_log_empty', '', false);
    -- A value that the peer did not send is filled in from the row that is here, whatever size it has here: only a
    -- table without any large value is safe.
    select
        i.node_id,
        coalesce(
            (
                select pg_relation_size(nullif(c.reltoastrelid, 0)) > 0
                from pg_class c
                where c.oid = relation
            ),
            false)
    into own, is_large
    from trktr.identity i;
    if is_known is not null then
        old_node := coalesce(old_node, own);
    end if;
    old_part := coalesce(is_large and old_node <> own, false);
    if is_large and new_version is distinct from null then
        new_part := trktr.has_unchanged_toast(relation, old_image, new_image);
    end if;
    if is_known is null then
        -- Of a version that this transaction wrote itself neither is known, nor logged.
        old_image := null;
    end if;
    if new_version is not distinct from null then
        insert into trktr.overwrite_log (
            schema_name, table_name, key, operation, old_row, old_at, old_node, old_incomplete, peer)
        values (
            names[0], names[1], old_key, 'D', old_image, stamp_at, old_node, old_part, peer);
        return;
    end if;

    new_key := case
        when array_upper(names, 1) = 2 then jsonb_build_object(names[2], new_image ->> names[2])::text
        else trktr.key_of(new_image, names[2:])
    end;
    if new_key = old_key then
        insert into trktr.overwrite_log (
            schema_name, table_name, key, operation, old_row, old_at, old_node, old_incomplete, new_row, new_incomplete, peer)
        values (
            names[0], names[1], old_key, 'U', old_image, stamp_at, old_node, old_part, new_image, new_part, peer);
    else
        insert into trktr.overwrite_log (
            schema_name, table_name, key, operation, old_row, old_at, old_node, old_incomplete, new_row, new_incomplete, peer)
        values
            (names[0], names[1], old_key, 'D', old_image, stamp_at, old_node, old_part, null, false, peer),
            (names[0], names[1], new_key, 'I', null, null, null, false, new_image, new_part, peer);
    end if;
end
$$;

-- Schema/Functions/mark_transaction.sql

-- Marks a transaction of the node's own sessions before its first change: a row in trktr.origin_mark. Once a
-- transaction: that it was done is a setting local to the transaction, and goes with a savepoint that is rolled back as
-- the mark itself does. A session that applies under a replication origin writes nothing of its own. A search_path of
-- its own would cost as much as all the rest, so every name is qualified instead.
-- Called by: the trigger trktr_mark of each published table where this node marks, always, so that it counts for who
--            loads rows as a replica too; its argument is this node.
-- Session:   the application's; the arbiter's.
-- Rights:    the arbiter's (security definer), as the owner of trktr.origin_mark.
-- Settings:  reads trktr.marked_xid; sets it for the transaction.
create or replace function trktr.mark_transaction() returns trigger
    language plpgsql
    security definer
as $$
begin
    if pg_catalog.current_setting('trktr.marked_xid', true)
        operator(pg_catalog.=) pg_catalog.pg_current_xact_id()::pg_catalog.text then
        null;
    elsif not pg_catalog.pg_replication_origin_session_is_setup() then
        insert into trktr.origin_mark (node_id)
        values (tg_argv[0]::pg_catalog.int4);
        perform pg_catalog.set_config('trktr.marked_xid', pg_catalog.pg_current_xact_id()::pg_catalog.text, true);
    end if;
    if tg_level operator(pg_catalog.=) 'STATEMENT' then
        return null;
    elsif tg_op operator(pg_catalog.=) 'DELETE' then
        return old;
    end if;
    return new;
end
$$;
revoke all on function trktr.mark_transaction() from public;

-- Schema/Functions/node_of.sql

-- The node whose version carries a replication origin (roident of pg_xact_commit_timestamp_origin); null for an origin
-- that is not known, for instance of a subscription that is gone. In plpgsql: a function in SQL is planned anew by
-- every statement that calls it, for ten times the time.
-- Called by: log_overwrite, set_stream_settings; many statements of the arbiter.
-- Session:   any of the arbiter's; an apply worker's.
-- Rights:    the session's; in a trigger those of the table's owner.
-- Settings:  none.
create or replace function trktr.node_of(origin oid) returns integer
    language plpgsql
    stable
    set search_path = pg_catalog, pg_temp
as $$
begin
    if origin = 0 then
        return (select i.node_id from trktr.identity i);
    end if;
    return coalesce(
        (
            select substring(s.subname from '^trktr_sub_\d+_(\d+)$')::integer
            from pg_replication_origin o
            join pg_subscription s on o.roname = format('pg_%s', s.oid)
            where o.roident = origin
        ),
        (
            select substring(o.roname from '^trktr_as_(\d+)_')::integer
            from pg_replication_origin o
            where o.roident = origin
              and o.roname = format(
                  'trktr_as_%s_%s',
                  substring(o.roname from '^trktr_as_(\d+)_'),
                  (select d.oid from pg_database d where d.datname = current_database()))
        ));
end
$$;

-- Schema/Functions/offer_tables.sql

-- Adds to a subscriber's own publication those of our tables that it names and that are here. So a peer of an earlier
-- release is never sent rows of a table that it does not have.
-- Called by: a peer's arbiter before it refreshes its subscription. Arbiters of other releases call it too, so its
--            signature stays as it is.
-- Session:   the peer's, on this node.
-- Rights:    the arbiter's (security definer), as the owner of the publications.
-- Settings:  none.
create or replace function trktr.offer_tables(subscriber integer, tables text[]) returns void
    language plpgsql
    security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    publication constant text := 'trktr_pub_to_' || subscriber;
    offered     text;
begin
    for offered in
        select c.relname
        from pg_class c
        where c.relnamespace = 'trktr'::regnamespace
          and c.relname = any (tables)
          and c.relname in ('heartbeat', 'winner')
          and exists (select from pg_publication p where p.pubname = publication)
          and not exists (
              select
              from pg_publication_tables t
              where t.pubname = publication
                and t.schemaname = 'trktr'
                and t.tablename = c.relname)
        order by 1
    loop
        execute format('alter publication %I add table trktr.%I', publication, offered);
    end loop;
end
$$;
revoke all on function trktr.offer_tables(integer, text[]) from public;

-- Schema/Functions/origin_name.sql

-- The replication origin under which a version of another node, or an own one, is written here without being sent out
-- again. Origins are of the whole server: the name holds the database's oid.
-- Called by: the arbiter (NodeOrigin, RowRestorer).
-- Session:   the one that restores rows; the heartbeat's.
-- Rights:    the session's.
-- Settings:  none.
create or replace function trktr.origin_name(node integer) returns text
    language sql
    stable
    set search_path = pg_catalog, pg_temp
return format('trktr_as_%s_%s', node, (select d.oid from pg_database d where d.datname = current_database()));

-- Schema/Functions/receive_heartbeat.sql

-- A heartbeat was applied: it is stored with the transaction that did so, and the session learns whose changes it
-- applies, how far every node is, and whether the overwrite log is empty.
-- Called by: the trigger receive_heartbeat of trktr.heartbeat, for rows that are applied.
-- Session:   an apply worker's; the healer's.
-- Rights:    the arbiter's (security definer).
-- Settings:  sets trktr.peer and trktr.overwrite_log_empty for the session.
create or replace function trktr.receive_heartbeat() returns trigger
    language plpgsql
    security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    insert into trktr.heartbeat_receipt (node_id, seq, xid, vector, clock)
    values (new.node_id, new.seq, pg_current_xact_id(), new.vector, new.clock)
    on conflict do nothing;
    perform
        set_config('trktr.peer', new.node_id::text, false),
        set_config(
            'trktr.overwrite_log_empty',
            case when exists (select from trktr.overwrite_log) then '' else 'on' end,
            false),
        trktr.set_stream_settings();
    return null;
end
$$;
revoke all on function trktr.receive_heartbeat() from public;

create or replace trigger receive_heartbeat
    after insert or update on trktr.heartbeat
    for each row execute function trktr.receive_heartbeat();
alter table trktr.heartbeat enable replica trigger receive_heartbeat;

-- Schema/Functions/receive_mark.sql

-- A mark arrives: the peer's own lets the rest of its transaction pass. No mark that arrives is stored.
-- Called by: the trigger receive_mark of trktr.origin_mark, for rows that are applied.
-- Session:   an apply worker's; the healer's.
-- Rights:    the session's.
-- Settings:  reads trktr.stream_filter; sets it for the transaction.
create or replace function trktr.receive_mark() returns trigger
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
declare
    peer integer := trktr.stream_peer();
begin
    if peer is null then
        return new;
    end if;
    if new.node_id = peer then
        if coalesce(current_setting('trktr.stream_filter', true), '') = '' then
            perform trktr.set_stream_filter();
        end if;
        perform set_config('trktr.stream_filter', 'pass', true);
    end if;
    return null;
end
$$;

create or replace trigger receive_mark
    before insert on trktr.origin_mark
    for each row execute function trktr.receive_mark();
alter table trktr.origin_mark enable replica trigger receive_mark;

-- Schema/Functions/receive_truncation.sql

-- Empties here what a peer emptied there, of that what this node receives from it: as the tables' owner when they have
-- one, as the server's own worker would.
-- Called by: the trigger receive_truncation of trktr.truncation, for rows that are applied.
-- Session:   an apply worker's; the healer's.
-- Rights:    the session's, and for the TRUNCATE those of the tables' owner.
-- Settings:  none of ours; sets role for the transaction, and back.
create or replace function trktr.receive_truncation() returns trigger
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
declare
    peer   integer := trktr.stream_peer();
    tables text;
    owners name[];
begin
    if peer is null then
        return new;
    end if;
    select
        string_agg(
            format(case c.relkind when 'p' then '%I.%I' else 'only %I.%I' end, n.nspname, c.relname),
            ', '),
        array_agg(distinct pg_get_userbyid(c.relowner))
    into tables, owners
    from jsonb_array_elements(new.relations) r
    join pg_namespace n on n.nspname = r ->> 0
    join pg_class c on c.relnamespace = n.oid and c.relname = r ->> 1 and c.relkind in ('r', 'p')
    where exists (
        select
        from pg_subscription_rel s
        join pg_subscription u on u.oid = s.srsubid
        where s.srrelid = c.oid
          and u.subname ~ format('^trktr_sub_\d+_%s$', peer));
    if owners = array[current_user] or cardinality(owners) > 1 then
        execute 'truncate ' || tables;
    elsif tables is not null then
        perform set_config('role', owners[1], true);
        execute 'truncate ' || tables;
        perform set_config('role', 'none', true);
    end if;
    return null;
end
$$;

create or replace trigger receive_truncation
    before insert on trktr.truncation
    for each row execute function trktr.receive_truncation();
alter table trktr.truncation enable replica trigger receive_truncation;

-- Schema/Functions/register_subscriber.sql

-- Makes the publication of one subscriber: from then on it can be given tables that other peers are not ready for, and
-- it starts with all tables that were opened without another peer. It publishes what trktr_pub does: TRUNCATE not,
-- where transactions are marked.
-- Called by: a peer's arbiter before it makes its slot here. Arbiters of other releases call it too, so its signature
--            and what it returns stay as they are.
-- Session:   the peer's, on this node.
-- Rights:    the arbiter's (security definer), as the owner of the publications.
-- Settings:  none.
create or replace function trktr.register_subscriber(subscriber integer) returns void
    language plpgsql
    security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    publication text := 'trktr_pub_to_' || subscriber;
    ahead       record;
begin
    if subscriber not between 0 and 32767 then
        raise exception 'not a node id: %', subscriber using errcode = 'invalid_parameter_value';
    end if;
    perform pg_advisory_xact_lock(7824051, 4);
    if exists (select from pg_publication where pubname = publication) then
        execute format('drop publication %I', publication);
    end if;
    execute format(
        'create publication %I with (publish_via_partition_root = true, publish = %L)',
        publication,
        (
            select concat('insert, update, delete', case when pubtruncate then ', truncate' end)
            from pg_publication
            where pubname = 'trktr_pub'
        ));
    for ahead in
        select r.schema_name, r.table_name
        from trktr.replicaset r
        join pg_namespace n on n.nspname = r.schema_name
        join pg_class c on c.relnamespace = n.oid and c.relname = r.table_name
        where r.state <> 'pending-add'
          and exists (
              select
              from pg_publication_rel pr
              join pg_publication p on p.oid = pr.prpubid
              where pr.prrelid = c.oid
                and p.pubname ~ '^trktr_pub_to_\d+$'
                and pr.prqual is null)
          and not exists (
              select
              from pg_publication_rel pr
              join pg_publication p on p.oid = pr.prpubid
              where pr.prrelid = c.oid
                and p.pubname = 'trktr_pub')
    loop
        execute format('alter publication %I add table %I.%I', publication, ahead.schema_name, ahead.table_name);
    end loop;
    delete from trktr.subscriber_table where node_id = subscriber;
    delete from trktr.resync where node_id = subscriber;
    delete from trktr.marked_subscriber where node_id = subscriber;
end
$$;
revoke all on function trktr.register_subscriber(integer) from public;

-- Schema/Functions/require_marks.sql

-- Has this node mark its transactions for as long as a peer receives them. Returns null when all are marked already;
-- 'off' when the arbiter here runs with Pre16Compatibility = False; 'pending' when the triggers are still being made.
-- A trigger is made only when every transaction that wrote its table before has ended, so that none without a mark can
-- follow.
-- Called by: a peer's arbiter before it makes its slot here, when one of the two servers is PostgreSQL 15. Arbiters of
--            other releases call it too, so its signature and what it returns stay as they are.
-- Session:   the peer's, on this node.
-- Rights:    the arbiter's (security definer).
-- Settings:  none.
create or replace function trktr.require_marks(subscriber integer) returns text
    language plpgsql
    security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform pg_advisory_xact_lock(7824051, 4);
    if not (select pre16_compatibility from trktr.identity) then
        return 'off';
    end if;
    if exists (select from trktr.marking where wants_marks and not is_marked)
        or exists (select from pg_publication where pubname ~ '^trktr_pub(_to_\d+)?$' and pubtruncate) then
        return 'pending';
    end if;
    insert into trktr.marked_subscriber (node_id)
    values (subscriber)
    on conflict do nothing;
    return null;
end
$$;
revoke all on function trktr.require_marks(integer) from public;

-- Schema/Functions/row_as_jsonb.sql

-- A row for the history, whatever is in it.
-- Called by: the arbiter's statements that write the history (TargetTable, HistoryEntry, record_losses.sql).
-- Session:   the one that heals; the one of convergence.
-- Rights:    the session's.
-- Settings:  none.
create or replace function trktr.row_as_jsonb(version json) returns jsonb
    language plpgsql
    stable
    set search_path = pg_catalog, pg_temp
as $$
begin
    return trktr.escape_json(version)::jsonb;
exception when numeric_value_out_of_range then
    return (
        select jsonb_object_agg(v.key, trktr.value_as_jsonb(v.value))
        from json_each(trktr.escape_json(version)) v
    );
end
$$;

-- Schema/Functions/send_truncation.sql

-- Before a TRUNCATE: remembers a table that is about to be emptied. After it: sends all that the statement emptied, as
-- one row of trktr.truncation.
-- Called by: the triggers trktr_truncating and trktr_truncated of each published table where this node marks; their
--            argument is this node.
-- Session:   the application's.
-- Rights:    the arbiter's (security definer), as the owner of trktr.truncation.
-- Settings:  reads trktr.truncated_tables; sets it for the transaction.
create or replace function trktr.send_truncation() returns trigger
    language plpgsql
    security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    tables text := coalesce(current_setting('trktr.truncated_tables', true), '');
begin
    if pg_replication_origin_session_is_setup() then
        return null;
    end if;
    if tg_when = 'BEFORE' then
        perform set_config(
            'trktr.truncated_tables',
            (
                coalesce(nullif(tables, ''), '[]')::jsonb
                || jsonb_build_array(jsonb_build_array(tg_table_schema, tg_table_name))
            )::text,
            true);
    elsif tables <> '' then
        insert into trktr.truncation (node_id, relations)
        values (tg_argv[0]::integer, tables::jsonb);
        perform set_config('trktr.truncated_tables', '', true);
    end if;
    return null;
end
$$;
revoke all on function trktr.send_truncation() from public;

-- Schema/Functions/set_stream_filter.sql

-- Whether rows that the session applies are taken: 'pass', or 'drop' where the peer may forward what it applied. A
-- peer's own mark lets them pass for the rest of its transaction. Only the server's own apply workers ever drop: the
-- arbiter's sessions know what they write.
-- Called by: drop_forwarded, receive_mark.
-- Session:   an apply worker's; once a session.
-- Rights:    the arbiter's (security definer): drop_forwarded calls it as the owner of whatever table a row goes to.
-- Settings:  sets trktr.stream_filter for the session.
create or replace function trktr.set_stream_filter() returns text
    language plpgsql
    security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    return set_config(
        'trktr.stream_filter',
        case
            when exists (
                select
                from pg_stat_subscription w
                join trktr.subscription s
                    on s.inbound_node = substring(w.subname from '^trktr_sub_\d+_(\d+)$')::integer
                where w.pid = pg_backend_pid()
                  and s.is_filtered) then 'drop'
            else 'pass'
        end,
        false);
end
$$;

-- Schema/Functions/set_stream_settings.sql

-- Tells the session how far every node is, and under which replication origin it applies. Whoever applies learns it
-- from the first row that is hit, and again from each heartbeat in the stream. What is stored may be used at once: what
-- this peer reported of itself came in this very stream before. No origin has the greatest number, so that a session
-- that applies no stream matches none.
-- Called by: log_overwrite, hear.
-- Session:   an apply worker's; the healer's.
-- Rights:    the arbiter's (security definer): log_overwrite calls it as the owner of whatever table a row goes to.
-- Settings:  sets trktr.stable_xid and trktr.origin for the session.
create or replace function trktr.set_stream_settings() returns void
    language plpgsql
    security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform
        set_config('trktr.stable_xid', coalesce((select h.xid::xid::text from trktr.stable_xid h), '0'), false),
        set_config(
            'trktr.origin',
            coalesce(
                (
                    select o.roident::text
                    from pg_replication_origin o
                    join pg_subscription s on o.roname = format('pg_%s', s.oid)
                    where s.subname = format('trktr_sub_%s_%s', trktr.node_of(0), trktr.stream_peer())
                ),
                '4294967295'),
            false);
end
$$;

-- Schema/Functions/stream_peer.sql

-- The node whose stream the session applies; null in every other session. Looked up once a session.
-- Called by: log_overwrite, set_stream_settings, receive_mark, receive_truncation.
-- Session:   an apply worker's; the healer's, which sets trktr.peer itself.
-- Rights:    the arbiter's (security definer): the triggers call it as the owner of whatever table a row goes to.
-- Settings:  reads trktr.peer; sets it for the session.
create or replace function trktr.stream_peer() returns integer
    language plpgsql
    security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    peer text := coalesce(current_setting('trktr.peer', true), '');
begin
    if peer = '' then
        peer := coalesce(
            (
                select substring(subname from '^trktr_sub_\d+_(\d+)$')
                from pg_stat_subscription
                where pid = pg_backend_pid()
            ),
            'none');
        perform set_config('trktr.peer', peer, false);
    end if;
    return nullif(peer, 'none')::integer;
end
$$;

-- Schema/Functions/unescape_json.sql

-- What escape_json escaped, as it was: the text of a value, of type json or with json inside, where more backslashes
-- stand before each.
-- Called by: the arbiter's statements that write or show rows (ConvergedTable, RowTable).
-- Session:   the one that restores rows; any that reads a row.
-- Rights:    the session's.
-- Settings:  none.
create or replace function trktr.unescape_json(value text) returns text
    language sql
    immutable
return case
    when strpos(value, '\u001a') = 0 then value
    else regexp_replace(value, '\\u001a(0000|[dD][89a-fA-F][0-9a-fA-F]{2})', '\\u\1', 'g')
end;

-- Schema/Functions/unregister_subscriber.sql

-- Removes everything that this node keeps for a subscriber.
-- Called by: a peer's arbiter after it dropped its slot here. Arbiters of other releases call it too, so its signature
--            stays as it is.
-- Session:   the peer's, on this node.
-- Rights:    the arbiter's (security definer), as the owner of the publications.
-- Settings:  none.
create or replace function trktr.unregister_subscriber(subscriber integer) returns void
    language plpgsql
    security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    publication text := 'trktr_pub_to_' || subscriber;
begin
    perform pg_advisory_xact_lock(7824051, 4);
    if exists (select from pg_publication where pubname = publication) then
        execute format('drop publication %I', publication);
    end if;
    update trktr.replicaset
    set excluded = array_remove(excluded, subscriber)
    where subscriber = any (excluded);
    delete from trktr.subscriber_table where node_id = subscriber;
    delete from trktr.resync where node_id = subscriber;
    delete from trktr.marked_subscriber where node_id = subscriber;
end
$$;
revoke all on function trktr.unregister_subscriber(integer) from public;

-- Schema/Functions/value_as_jsonb.sql

-- A value for the history. A number that is too large for jsonb makes its whole document a text.
-- Called by: row_as_jsonb.
-- Session:   any of the arbiter's that writes the history.
-- Rights:    the session's.
-- Settings:  none.
create or replace function trktr.value_as_jsonb(value json) returns jsonb
    language plpgsql
    stable
    set search_path = pg_catalog, pg_temp
as $$
begin
    return value::jsonb;
exception when numeric_value_out_of_range then
    return to_jsonb(value::text);
end
$$;

-- Schema/Views/conflicts.sql

-- What waits for a decision, for people with psql.
create or replace view trktr.conflicts as
select
    id,
    occurred,
    lsn,
    ordinal,
    relation,
    conflict_type,
    operation,
    key,
    remote_row as value,
    local_row,
    local_stamp,
    local_origin,
    remote_stamp,
    remote_origin,
    resolved,
    subscription,
    peer,
    sql_state_code,
    reason,
    policy,
    decision,
    decided_by,
    decided_at
from trktr.history
where resolved is null;

-- Schema/Views/marking.sql

-- Which tables carry the triggers of marking and filtering, and which should. is_marked and is_filtered: complete and
-- enabled; has_marks and has_filter: at least some of it is there. Of our own tables those that travel, whether they
-- are published yet or not: they carry nothing yet when they come to be.
create or replace view trktr.marking as
with wish as (
    select
        i.pre16_compatibility or exists (select from trktr.marked_subscriber) as marks,
        exists (select from trktr.subscription where is_filtered) as filter
    from trktr.identity i
), triggers as (
    select
        t.tgrelid as oid,
        count(*) filter (where t.tgname = 'trktr_mark' and t.tgenabled = 'A') as marks,
        count(*) filter (where t.tgname ~ '^trktr_truncat' and t.tgenabled = 'A') as truncations,
        count(*) filter (where t.tgfoid = 'trktr.drop_forwarded'::regproc and t.tgenabled = 'R') as filters,
        bool_or(t.tgfoid = 'trktr.drop_forwarded'::regproc) as has_filter,
        bool_or(t.tgfoid <> 'trktr.drop_forwarded'::regproc) as has_marks
    from pg_trigger t
    where t.tgparentid = 0
      and t.tgfoid in (
          'trktr.mark_transaction'::regproc,
          'trktr.send_truncation'::regproc,
          'trktr.drop_forwarded'::regproc)
    group by t.tgrelid
)
select
    n.nspname as schema_name,
    c.relname as table_name,
    c.relkind = 'p' as is_partitioned,
    w.marks
        and case n.nspname
            when 'trktr' then c.relname in ('node', 'truncation', 'heartbeat', 'winner')
            else c.oid in (
                select r.prrelid
                from pg_publication_rel r
                join pg_publication p on p.oid = r.prpubid
                where p.pubname ~ '^trktr_pub(_to_\d+)?$')
        end as wants_marks,
    w.filter
        and case n.nspname
            when 'trktr' then c.relname in ('node', 'truncation', 'heartbeat', 'winner')
            else c.oid in (
                select r.srrelid
                from pg_subscription_rel r
                join pg_subscription s on s.oid = r.srsubid
                where s.subname ~ '^trktr_sub_\d+_\d+$'
                  and s.subdbid = (select d.oid from pg_database d where d.datname = current_database()))
        end as wants_filter,
    coalesce(t.marks = 1 and t.truncations = case n.nspname when 'trktr' then 0 else 2 end, false) as is_marked,
    coalesce(t.filters = 1, false) as is_filtered,
    coalesce(t.has_marks, false) as has_marks,
    coalesce(t.has_filter, false) as has_filter
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
cross join wish w
left join triggers t on t.oid = c.oid
where c.relkind in ('r', 'p')
  and not c.relispartition
  and n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema';

-- Schema/Views/resolutions.sql

-- What was resolved, for people with psql.
create or replace view trktr.resolutions as
select
    id,
    occurred,
    lsn,
    ordinal,
    relation,
    conflict_type,
    operation,
    key,
    remote_row as value,
    local_row,
    local_stamp,
    local_origin,
    remote_stamp,
    remote_origin,
    resolved,
    subscription,
    peer,
    sql_state_code,
    reason,
    policy,
    resolution,
    resolved_by,
    merged_row
from trktr.history
where resolved is not null;

-- Schema/Grants/identity.sql

-- The triggers on users' tables read this node's number.
grant select (node_id) on trktr.identity to public;

-- Schema/Grants/journal.sql

-- The triggers run with the rights of the table's owner, or of the application: these may log what happens to their own
-- tables, and see nothing of others.
grant select, insert on trktr.overwrite_log to public;
alter table trktr.overwrite_log enable row level security;

drop policy if exists read_own on trktr.overwrite_log;
create policy read_own on trktr.overwrite_log
    for select
    using (trktr.has_privilege_on(schema_name, table_name, 'own'));

-- detect_update and detect_delete, for whoever applies.
drop policy if exists log_overwrite on trktr.overwrite_log;
create policy log_overwrite on trktr.overwrite_log
    for insert
    with check (
        xid = pg_current_xact_id()
        and new_at is null
        and current_setting('session_replication_role') = 'replica'
        and trktr.has_privilege_on(schema_name, table_name, 'own'));

-- detect_key_change, for the application.
drop policy if exists log_key_change on trktr.overwrite_log;
create policy log_key_change on trktr.overwrite_log
    for insert
    with check (
        xid = pg_current_xact_id()
        and new_at is null
        and operation = 'I'
        and old_row is null
        and peer is null
        and trktr.has_privilege_on(schema_name, table_name, 'update'));

-- Schema/Grants/register.sql

-- The triggers run with the rights of the table's owner: he may see whether a key of his own tables is contested.
grant select on trktr.contested_key to public;
alter table trktr.contested_key enable row level security;

drop policy if exists read_own on trktr.contested_key;
create policy read_own on trktr.contested_key
    for select
    using (trktr.has_privilege_on(schema_name, table_name, 'own'));

-- Schema/Grants/schema.sql

-- The triggers on users' tables run with the rights of a table's owner, or of the application, and call functions of
-- this schema.
grant usage on schema trktr to public;

-- What is installed

insert into trktr.schema_script (path, hash)
values
    ('Schema/Functions/assign_revision.sql', '2f7818b90c82217f23e483cbcca088ab8e827086221a8a1f0f26b8e2d0754fe6'),
    ('Schema/Functions/detect_delete.sql', 'cb00b28cb0bafa016a3d262e020ae80ab5ff4afb2c4bf11b0db14494cb3335e4'),
    ('Schema/Functions/detect_key_change.sql', 'ccbc24494d97b2f37da4d073cc3e3169fd28f57328f56891dabb7e41dd1572bc'),
    ('Schema/Functions/detect_update.sql', '3b8f3e0067b60735260090223fd6cb26b5c36a0309a71951146d309bb100c99e'),
    ('Schema/Functions/drop_forwarded.sql', '4a538c6f61659adb080d05315114942f32f1f9c148530f3a35212b167e1b4dc1'),
    ('Schema/Functions/escape_json.sql', '77da0f8feb355490d0aa7db26ff52f0335674c8e3c8dcf8043618413b2db42e7'),
    ('Schema/Functions/has_privilege_on.sql', '009701f17ac9431a27a84de2ea6bbab60a2a029268a644b2eea765f4b1b19517'),
    ('Schema/Functions/has_unchanged_toast.sql', '0d3ebd0bd014c00d15ca2fabe118ca10d088695ea9d54d4f8a0f4d7f2e603931'),
    ('Schema/Functions/image.sql', '8a6ed28a04d238a92ea2366c96e46261cde440132f684e25abc1c92a02678a23'),
    ('Schema/Functions/key_of.sql', '87e18a0bedbf1596e3531c42902716f1ba251afed857d9a68967515da454cf5f'),
    ('Schema/Functions/log_overwrite.sql', '586ea63566351fc1e10f78d2ab00eed762078af3cd708ebe4243631991555325'),
    ('Schema/Functions/mark_transaction.sql', '49979c0a0b1475d3c7ac9ef012543e9ed00eb1aa257c4615ea3e5c4eaec97de0'),
    ('Schema/Functions/node_of.sql', '44788c1a448ee6cecb8532ee3bae0b7c844fe077f12fdd5c25005abf946defa7'),
    ('Schema/Functions/offer_tables.sql', '3e4b5edf9e096823968e550d196cecc9dcc2322537e82dc1d3dfdc1b13897b07'),
    ('Schema/Functions/origin_name.sql', 'ff9ec4664015d3ac2e9bc38bd5df3f569424cc16add7e9286dca3a2277c678e6'),
    ('Schema/Functions/receive_heartbeat.sql', '3154f66b52e97257f6d1664124254e464c6255f43b5399d669644d5aadaa0997'),
    ('Schema/Functions/receive_mark.sql', '30674ccac80a517394c791103bdea19a23711ea11fd261e5febfeba49a400510'),
    ('Schema/Functions/receive_truncation.sql', '4137f3df1761382c1d327ea4f509c4d9de24837ab9b7bd9a59928000627aa679'),
    ('Schema/Functions/register_subscriber.sql', 'eadf926eadcac7e48f10787c4571ef856e0d6376062f0a1ab0a827f88e67f4ba'),
    ('Schema/Functions/require_marks.sql', '816e07047b7ae58b29e034b29e841a151a84bff7e938107c41c439b0e2c7e49a'),
    ('Schema/Functions/row_as_jsonb.sql', 'c73c26040c3c7b2fcb4396720bfc0075bb8cc5890393aaeea0113530e448266b'),
    ('Schema/Functions/send_truncation.sql', '37475ef309ae28675288a028b817356811166992303bc5e07748de3fcde8a3b0'),
    ('Schema/Functions/set_stream_filter.sql', 'b5b9e8f0c3780b09f81c1e1c002ae892237d350fefe6111607459e1b75a9187c'),
    ('Schema/Functions/set_stream_settings.sql', 'ce1cd5a2c628ca1d9adbabf6317d7096532f630b37d7d089fb17a5359fdf3331'),
    ('Schema/Functions/stream_peer.sql', '4573afa5d8027466df446a4f42c09d23cad791dce4bba404accbe72005b53eba'),
    ('Schema/Functions/unescape_json.sql', '9bfea54b32636b91a6ec7d3fff43e13edfe362477560460f20ae1bd6a27b0924'),
    ('Schema/Functions/unregister_subscriber.sql', '0282238dffa70827bdcbd43092c88ef22204bbcc23f64d62fc1a358c68d8c55d'),
    ('Schema/Functions/value_as_jsonb.sql', '6cd9f6e786fe0aee736097905212439d661e17efb531d9f2a090cef9f640f153'),
    ('Schema/Views/conflicts.sql', '39ee71feaa91950e3e5b4e97450eb9f5960ab3da1e8641e210fa662fe8d1f759'),
    ('Schema/Views/marking.sql', 'b754170917f9aa40dceac691d8f81fc045c52a02d77c722e90a352ef26a2130f'),
    ('Schema/Views/resolutions.sql', 'f7554021b3d4194a166391ff0f776ba7a1e523f0abf641bd0cfed5c7a425799e'),
    ('Schema/Grants/identity.sql', '8ec7db4fa8a14ba21ca99d1f64574e095fce8b07e5707fb9b27351ddc206207b'),
    ('Schema/Grants/journal.sql', 'bbf86a78d09eafe11ce75238521e72529b9b9593738b1ffbee4b01a609991318'),
    ('Schema/Grants/register.sql', '3da8001e50b0f5e87faa6d92f790e2e83df4154a37ed466c36f9b4453ea0401b'),
    ('Schema/Grants/schema.sql', '22b4f5dfe50ecf37024710c200dd1696629952ee3d8fa4c3d8433f093861ebf3');

insert into trktr.identity (node_id, schema_version)
values (0, 1);
