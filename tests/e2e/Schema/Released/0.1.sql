-- What the arbiter of release 0.1 makes in the database of node 0. Never changed once the release is out.
create schema trktr;

-- Schema/Migrations/001_baseline.sql

-- The tables, indexes and publications of release 0.1. Functions, views and grants are in files of their own, installed
-- after the migrations and whenever they change; triggers of these tables are in the files of their functions.

-- Routines that the arbiter makes for the tables that it touches, some of which belong to the tables' owners. No other
-- role may look into this schema: see Functions/make_routine.sql.
create schema trktr_routine;
revoke all on schema trktr_routine from public;

-- Schema: which scripts are installed here

-- The any-time scripts (functions, views, grants) with the SHA-256 of the installed text.
create table trktr.schema_script (
    path         text primary key,
    hash         text not null,
    installed_at timestamptz not null default clock_timestamp()
);

-- Locks

-- What only one session does at a time; see NodeLocks. A row is locked until the end of a transaction: every role could
-- take an advisory lock, and nobody else can lock these rows. Where a lock must outlast transactions, it is the
-- advisory lock with the row's key, which try_session_lock changes when a session of another role has it.
create table trktr.node_lock (
    name text primary key,
    key  bigint not null unique default (random() * 9e18)::bigint
);
insert into trktr.node_lock (name)
values ('replicaset'), ('routines'), ('refresh'), ('convergence'), ('accounts'), ('audit'), ('tasks');

-- Nodes

-- This node's identity: one row. The incarnation distinguishes this database from any other, even one with the same
-- NodeID. schema_version is the number of the last migration, scripts_hash one hash of the installed any-time scripts,
-- as SchemaScripts.Hash.
create table trktr.identity (
    singleton           boolean primary key default true check (singleton),
    node_id             integer not null check (node_id between 0 and 32767),
    incarnation         uuid not null default gen_random_uuid(),
    schema_version      integer not null,
    scripts_hash        text not null,
    pre16_compatibility boolean not null default false,
    initialized         timestamptz not null default clock_timestamp()
);

-- The database that was initialised, which tells a copy of it apart: one row. A copy of the node in another database,
-- or on another server, must not act as the node; see adopt_database.
create table trktr.database (
    singleton         boolean primary key default true check (singleton),
    system_identifier bigint not null,
    database_oid      oid not null
);
insert into trktr.database (system_identifier, database_oid)
select s.system_identifier, d.oid
from pg_control_system() s
cross join pg_database d
where d.datname = current_database();

-- The key pair with which this node's arbiter signs its calls to other arbiters: one row, PKCS #8 and
-- SubjectPublicKeyInfo. Only the arbiter can read the table. It was made for the database that is named: a copy of it
-- that takes its place makes a key pair of its own.
create table trktr.node_key (
    singleton         boolean primary key default true check (singleton),
    private_key       bytea not null,
    public_key        bytea not null,
    made_at           timestamptz not null default clock_timestamp(),
    system_identifier bigint not null,
    database_oid      oid not null
);

-- All nodes that this node knows. Replicated: each node writes only its own row. pre16_compatibility is the arbiter's
-- setting, which must be the same on every node. public_key: that of the node's trktr.node_key, by which the other
-- arbiters know its calls and answers; null once it has left the mesh.
create table trktr.node (
    node_id             integer primary key,
    arbiter_url         text not null,
    server_version_num  integer not null,
    incarnation         uuid not null,
    pre16_compatibility boolean not null default false,
    announced           timestamptz not null default clock_timestamp(),
    public_key          bytea,
    key_made_at         timestamptz
);

-- Accounts

-- The users and API keys of the mesh. Replicated: each node writes only rows with its own NodeID, so that no two nodes
-- write one row. Of an account's rows the one with the greatest (changed_at, node_id) is in force, see the view
-- accounts; a removed account keeps its row. secret_hash: of a user the hash of the password, of a key SHA-256 of the
-- key. Only the arbiter can read the table.
create table trktr.account (
    node_id     integer not null check (node_id between 0 and 32767),
    kind        text not null check (kind in ('user', 'key')),
    name        text not null,
    role        text not null check (role in ('viewer', 'operator', 'admin')),
    secret_hash text,
    expires     timestamptz,
    is_removed  boolean not null default false,
    changed_at  timestamptz not null default clock_timestamp(),
    changed_by  text not null,
    primary key (node_id, kind, name),
    check (is_removed or secret_hash is not null)
);

-- When each key was last used on this node, to the minute.
create table trktr.key_use (
    name         text primary key,
    last_used_at timestamptz not null
);

-- Audit

-- Who changed what. Replicated: each node writes only rows with its own NodeID, and no row is ever changed. Each row
-- has the hash of the one before in its chain, which is the rows of one incarnation of a node: AuditChain says how it
-- is made. A node that was restored from a backup may write a number again: both rows are kept. state_before,
-- state_after: JSON, as text so that it stays as it was hashed. Only the arbiter can read the table.
create table trktr.audit (
    node_id       integer not null check (node_id between 0 and 32767),
    incarnation   uuid not null,
    seq           bigint not null check (seq > 0),
    at            timestamptz not null,
    request_seq   bigint not null,
    actor_kind    text not null,
    actor         text not null,
    role          text not null,
    address       text,
    channel       text not null,
    via_node      integer,
    action        text not null,
    target        text,
    outcome       text not null check (outcome in ('requested', 'done', 'refused', 'failed', 'denied')),
    detail        text,
    state_before  text,
    state_after   text,
    previous_hash bytea not null,
    hash          bytea not null,
    primary key (incarnation, seq, hash)
);
create index on trktr.audit (at, node_id, seq);

-- Tasks

-- Long work, which outlives the request that started it and the arbiter that runs it. kind: who runs it. request: what
-- was asked for. actor_kind, actor, role, address: for whom it acts. is_cancelling: it was cancelled while it ran, and
-- undoes what it began. begun: how often an arbiter has begun or gone on with it. waits_for: why it does not go on, in
-- words. problem: why it failed. result: what it found.
create table trktr.task (
    id            bigint generated always as identity primary key,
    kind          text not null,
    target        text,
    request       jsonb not null,
    actor_kind    text not null,
    actor         text not null,
    role          text not null,
    address       text,
    state         text not null default 'queued' check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    is_cancelling boolean not null default false,
    begun         integer not null default 0,
    created_at    timestamptz not null default clock_timestamp(),
    started_at    timestamptz,
    finished_at   timestamptz,
    waits_for     text,
    problem       text,
    result        jsonb,
    constraint task_finished_check check ((finished_at is null) = (state in ('queued', 'running')))
);
create index task_unfinished on trktr.task (id) where finished_at is null;

-- The progress of a task's parts, for instance its tables. worked_ms: how long was worked on it, without interruptions.
create table trktr.task_item (
    task_id     bigint not null references trktr.task (id) on delete cascade,
    name        text not null,
    position    integer not null,
    rows_total  bigint,
    rows_done   bigint not null default 0,
    bytes_total bigint,
    worked_ms   bigint not null default 0,
    is_finished boolean not null default false,
    problem     text,
    primary key (task_id, name)
);

-- What happened to a task, in sentences.
create table trktr.task_log (
    task_id bigint not null references trktr.task (id) on delete cascade,
    id      bigint generated always as identity,
    at      timestamptz not null default clock_timestamp(),
    text    text not null,
    primary key (task_id, id)
);

-- Comparisons

-- The tables of a comparison, which is the task. nodes: those whose rows are compared. share: how much of the servers'
-- time it may take, in per cent. plan: the compared columns and the key; null before the table is begun. next_key:
-- where the next range of keys begins; null for the first. is_scanned: every range was compared. row_count: rows so
-- far. resync: the marks in trktr.resync of all nodes that it closes if the table is equal.
create table trktr.comparison_table (
    task_id     bigint not null references trktr.task (id) on delete cascade,
    schema_name text not null,
    table_name  text not null,
    nodes       integer[] not null,
    share       integer not null check (share between 1 and 100),
    plan        jsonb,
    began_at    timestamptz,
    next_key    text[],
    is_scanned  boolean not null default false,
    row_count   bigint not null default 0,
    resync      uuid[] not null default '{}',
    finished_at timestamptz,
    problem     text,
    primary key (task_id, schema_name, table_name)
);

-- Keys whose rows were not equal on all nodes when they were read. seen: the hash and xmin of each node's row, null for
-- none. confirmed: how often in a row they were the same after everything written before had been applied everywhere.
-- verdict: null while that is not known. Keys that turn out to be equal are deleted.
create table trktr.comparison_key (
    task_id     bigint not null,
    id          bigint generated always as identity,
    schema_name text not null,
    table_name  text not null,
    key         text[] not null,
    seen        jsonb not null,
    confirmed   integer not null default 0,
    verdict     text check (verdict in ('different', 'in_flight')),
    primary key (task_id, id),
    foreign key (task_id, schema_name, table_name) references trktr.comparison_table on delete cascade
);
create index comparison_key_table on trktr.comparison_key (task_id, schema_name, table_name, id);
create index comparison_key_open on trktr.comparison_key (task_id, id) where verdict is null;

-- When each table was proven to be equal on some nodes, last: as it was when the comparison began with it. node_id,
-- task_id: the comparison, and the node that ran it. Each of the compared nodes has the proof.
create table trktr.table_proof (
    schema_name text not null,
    table_name  text not null,
    nodes       integer[] not null,
    proven_at   timestamptz not null,
    row_count   bigint not null,
    node_id     integer not null,
    task_id     bigint not null,
    primary key (schema_name, table_name, nodes)
);

-- Joining

-- A node that joins a mesh with its data, while the task does it; at most one row. source: the node whose rows are
-- copied. phase: copying; opening, when every row is copied and the node's own tables are being opened; advanced, when
-- the subscriptions will begin where the copy ends; joined, from when on nothing is undone. snapshot: the name of the
-- source's exported snapshot; null before. comparison: the task that compares the tables in the end.
create table trktr.join_state (
    singleton  boolean primary key default true check (singleton),
    task_id    bigint not null references trktr.task (id) on delete cascade,
    source     integer not null,
    phase      text not null default 'copying' check (phase in ('copying', 'opening', 'advanced', 'joined')),
    snapshot   text,
    comparison bigint
);

-- The nodes of that mesh, and the joining node itself, with the connection strings by which they are reached. slot_lsn:
-- from where on the node's slot keeps the peer's changes. applied_lsn: what the source had applied of the peer when its
-- snapshot was exported; null for the source.
create table trktr.join_peer (
    task_id           bigint not null references trktr.task (id) on delete cascade,
    node_id           integer not null,
    connection_string text not null,
    arbiter_url       text not null,
    slot_lsn          pg_lsn,
    applied_lsn       pg_lsn,
    primary key (task_id, node_id)
);

-- The tables that are copied, as the snapshot has them. description: columns and parts, see CopiedTable.
create table trktr.join_table (
    task_id     bigint not null references trktr.task (id) on delete cascade,
    schema_name text not null,
    table_name  text not null,
    description jsonb not null,
    primary key (task_id, schema_name, table_name)
);

-- The ranges of pages that are copied, each written in the transaction that wrote its rows. part: the partition or
-- table, as in the description.
create table trktr.join_range (
    task_id     bigint not null,
    schema_name text not null,
    table_name  text not null,
    part        text not null,
    first_page  bigint not null,
    row_count   bigint not null,
    worked_ms   bigint not null,
    primary key (task_id, schema_name, table_name, part, first_page),
    foreign key (task_id, schema_name, table_name) references trktr.join_table on delete cascade
);

-- Subscriptions

-- What an operator wants of a subscription; its actual state is in pg_subscription.
-- healing_since, healing_state, healing_note: since when the arbiter keeps it disabled, in which state, and why, in
-- words. They are set in the transaction that disables the subscription and cleared in the one that enables it, so that
-- an arbiter that was killed finds its work, and a subscription that an operator disabled can be told apart.
-- is_filtered: the peer may forward transactions, so that only those with its own mark are taken.
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

-- Slots on peers that this node no longer uses, or that are being created. They keep WAL on the peer, and are dropped
-- when the peer is reachable.
create table trktr.orphaned_slot (
    inbound_node      integer primary key,
    connection_string text not null,
    since             timestamptz not null default clock_timestamp()
);

-- Which database made, or is about to make, the slot of each subscriber here: written before the slot is made, deleted
-- after it is dropped. Several databases may say that they are the same node, and only the one in this table may take,
-- replace or drop the slot; see claim_slot. public_key: that of its arbiter, see register_key.
create table trktr.slot_owner (
    node_id           integer primary key check (node_id between 0 and 32767),
    incarnation       uuid not null,
    system_identifier bigint not null,
    database_oid      oid not null,
    since             timestamptz not null default clock_timestamp(),
    public_key        bytea,
    key_made_at       timestamptz
);

-- Replicasets

-- The tables that this node publishes. opening identifies one attempt to open a table; peers answer it in
-- trktr.subscriber_table. excluded: peers that it was opened without, with force. detector: whether its silent
-- conflicts are detected; an operator can exempt a table whose rows are never written on two nodes.
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

-- Each peer's report about a table that is being opened. The peer's arbiter writes it into the publisher's database.
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

-- Peers that may lack rows of a table, because it was opened without them with force (excluded), because it has rows
-- from before they subscribed (subscribed), or because it was not published for a time (unpublished). A comparison that
-- proves the table to be equal deletes the row by its id; a new reason gives it a new one. gap: the peer's stream to
-- this node had a gap, so that the peer is not what it was, and may have lost what it had received from here.
create table trktr.resync (
    node_id     integer not null,
    schema_name text not null,
    table_name  text not null,
    reason      text not null check (reason in ('excluded', 'subscribed', 'unpublished', 'gap')),
    since       timestamptz not null default clock_timestamp(),
    id          uuid not null default gen_random_uuid(),
    primary key (node_id, schema_name, table_name)
);

-- Marks: which transactions are a node's own, if a server of the mesh is PostgreSQL 15

-- PostgreSQL 15 has no "origin = none": it forwards what it applied, and accepts whatever a peer forwards. Therefore
-- each transaction of a node's own sessions inserts its NodeID here before its first change. The row is replicated to
-- the peers that need it (publication trktr_pub_origin_marks) and is not stored there, so that a forwarded transaction
-- has no mark. The arbiter deletes the rows.
create table trktr.origin_mark (
    node_id integer not null
) with (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_insert_threshold = -1
);
alter table trktr.origin_mark replica identity full;

-- Peers that need this node's marks: they register before they create their slots.
create table trktr.marked_subscriber (
    node_id integer primary key
);

-- No trigger can drop a forwarded TRUNCATE: two PostgreSQL 15 nodes would send one back and forth forever. Therefore
-- TRUNCATE is not published where transactions are marked; a row here names the truncated tables and is replicated like
-- any other. relations is an array of [schema, table]: all tables of one statement, because tables with foreign keys
-- between them must be truncated together.
create table trktr.truncation (
    node_id   integer not null,
    id        bigint generated always as identity,
    relations jsonb not null,
    primary key (node_id, id)
);

-- Heartbeats

-- One heartbeat a second of each node, ten while keys are contested. Replicated: each node updates its own row, and
-- only updates are replicated; each node inserts the rows for itself. vector: for each other node the seq of its last
-- heartbeat before which the sender had applied, processed and answered everything. is_urgent: the sender waits for the
-- heartbeats of the others. began: the seq that the node's row began with; another one after it was made anew.
create table trktr.heartbeat (
    node_id   integer primary key check (node_id between 0 and 32767),
    seq       bigint not null,
    began     bigint not null default 0,
    clock     timestamptz not null default clock_timestamp(),
    vector    jsonb not null default '{}' check (jsonb_typeof(vector) = 'object'),
    is_urgent boolean not null default false
) with (fillfactor = 20);

-- The heartbeats that this node has applied or sent. xid: for a peer's heartbeat the local transaction that applied it,
-- so that transactions earlier in the same stream have smaller ones; for an own heartbeat the oldest transaction that
-- was running when it was sent. Pruned once every node has acknowledged a later one.
create table trktr.heartbeat_receipt (
    node_id     integer not null,
    seq         bigint not null,
    xid         xid8 not null,
    vector      jsonb not null,
    is_urgent   boolean not null default false,
    clock       timestamptz not null,
    received_at timestamptz not null default clock_timestamp(),
    primary key (node_id, seq)
);

-- The last heartbeat that was applied from each peer's stream since this node subscribed to it; and the first gap:
-- after gap_from came gap_to, which is not the next one. What was between them in the stream is missing on one of the
-- two.
create table trktr.stream_heartbeat (
    node_id  integer primary key,
    began    bigint not null,
    seq      bigint not null,
    gap_from bigint,
    gap_to   bigint,
    gap_at   timestamptz
) with (fillfactor = 20);

-- The stable xid: every node has all row versions of this node with an older xmin. Null: not known.
create table trktr.stable_xid (
    singleton boolean primary key default true check (singleton),
    xid       xid8
) with (fillfactor = 20);
insert into trktr.stable_xid default values;

-- The file of each replicated table and partition, and which transactions may have given its rows a new xmin by
-- rewriting it: those from rewritten_from on and before rewritten_before. Null: none that matters. See stamped_at.
create table trktr.table_file (
    relation         oid primary key,
    file             oid not null,
    rewritten_from   xid8,
    rewritten_before xid8
);

-- Conflicts

-- One row for each conflict, identified by (subscription, lsn, ordinal): lsn is the end of the remote transaction,
-- ordinal numbers its changes from 1. local_row is the blocking row; for multiple_unique_conflicts the array of them.
-- outcome is the policy's, decision the operator's, resolution what was done.
-- No check constraints: the server reads and prepares each again for every statement that writes the table, which took
-- a fifth of the time of a healed transaction. ConflictWords and record_decision.sql ensure the same.
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
-- Pages use the id. These indexes serve the list of waiting conflicts (empty where policies decide everything) and
-- pages of one table.
create index history_pending on trktr.history (id) where resolved is null;
create index history_relation on trktr.history (relation, id);
-- revision numbers every change of a row after its insert, so that a reader of the feed finds later decisions and
-- resolutions.
create sequence trktr.history_revision;
create unique index history_revision_key on trktr.history (revision) where revision is not null;

-- How many resolved conflicts were purged, so that the count of all resolved ones does not fall.
create table trktr.history_purged (
    singleton boolean primary key default true check (singleton),
    entries   bigint not null default 0
);
insert into trktr.history_purged default values;

-- The whole remote transaction of a conflict, for display. changes is an array of {"ordinal", "operation", "relation",
-- "key", "old", "row"} in the order of the transaction; incomplete if is_truncated.
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
-- differences between nodes are reported: a replicated table could have a conflict itself when it is needed.
create table trktr.node_priority (
    node_id  integer primary key check (node_id between 0 and 32767),
    priority integer not null
);

-- Healing

-- How far a heal has applied a peer's transactions, written in those transactions: authoritative while the arbiter
-- keeps a subscription disabled. PostgreSQL 16 and later also move a replication origin's progress when a transaction
-- aborts after its position was set, so that the origin's own progress may be ahead.
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

-- Changes that overwrote a version which their writer may not have seen: logged in the change's own transaction, by the
-- triggers and by the healer, deleted by the arbiter.
-- operation: I, U or D, without a check constraint, which would be prepared again for every row.
-- old_incomplete, new_incomplete: the image may be incomplete, with a TOASTed value from another version.
-- xid: the transaction of the change, and with it the new version's stamp, unless new_at and new_node give another.
-- is_refused: the healer kept the old row, and the new version was never written here.
-- recorded: what the healer, if the change was its own, has recorded in the history itself: a, everything it overwrote;
-- l, only versions later than its change; n, the change is not the healer's. See Recording.
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
-- The arbiter reads everything known about some hundred keys at a time. By a hash of the key, because a key may be too
-- long for an index entry, and a frequently changed one has a thousand entries here.
create index overwrite_log_key on trktr.overwrite_log (hashtextextended(key, 0));

-- Each contested key until every node knows its winner. stamp_at, stamp_node, image: the greatest version, with a null
-- image for a deleted row. heartbeat_seq: this node's heartbeat that every node must acknowledge first. is_sent: it was
-- announced as the winner. is_unapplied: the row is still to be written, only over the version replaces_at,
-- replaces_node. is_unsent: it is still to be announced, after its row is written. decided: when it was decided, by
-- this node's clock.
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
-- Read ten times a second, also while the table is full of keys for which nothing waits.
create index contested_key_waiting on trktr.contested_key (heartbeat_seq) where is_unsent or is_unapplied and not is_incomplete;
-- The oldest key that may be deleted is read at each heartbeat. While a node is unreachable keys accumulate, and none
-- may be deleted.
create index contested_key_acknowledged on trktr.contested_key (heartbeat_seq) where not is_unsent and (not is_unapplied or is_incomplete);

-- Has a value (is_called) only while trktr.contested_key is empty. A sequence, because triggers see each change of it
-- at once, whatever their snapshot; a crash undoes only changes made after the last commit that survived.
create sequence trktr.nothing_contested;

-- The winner of a contested key, announced by a node to all others. Replicated, and only inserted into: in the stream
-- an announcement follows everything that its sender did before.
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
-- Starts with the time in milliseconds, so that a node that left and joined again continues above its earlier numbers.
create sequence trktr.winner_seq;
select setval('trktr.winner_seq', (extract(epoch from clock_timestamp()) * 1000)::bigint);

-- What could not be processed: logged overwrites and arrived winners whose key or image this node cannot read. They
-- stop nothing else. process_again has one processed once more. problem: why, in words.
create table trktr.set_aside (
    id             bigint generated always as identity primary key,
    set_aside_at   timestamptz not null default clock_timestamp(),
    problem        text not null,
    schema_name    text not null,
    table_name     text not null,
    key            text not null,
    operation      text not null,
    old_row        json,
    old_at         timestamptz,
    old_node       integer,
    old_incomplete boolean not null,
    new_row        json,
    new_at         timestamptz,
    new_node       integer,
    new_incomplete boolean not null,
    peer           integer
);

-- Publications

-- What this node publishes for all its peers. Partitioned tables are published as a whole, so that peers may partition
-- them differently. heartbeat and winner are added to each subscriber's own publication, see offer_tables.
create publication trktr_pub for table trktr.node, trktr.account, trktr.audit, trktr.truncation
    with (publish_via_partition_root = true);

-- The marks of this node's own transactions, for peers that need them.
create publication trktr_pub_origin_marks for table trktr.origin_mark with (publish = 'insert');

-- Schema/Functions/adopt_database.sql

-- Makes this database the node's own, where it has replaced the one that was initialised and no longer exists: after
-- pg_upgrade, or a restore from a dump.
-- Called by: an operator, as the arbiter's message about a copy says.
-- Session:   the operator's, on this node.
-- Rights:    the caller's, who must be the arbiter's role or a superuser.
-- Settings:  none.
create or replace function trktr.adopt_database() returns void
    language sql
    set search_path = pg_catalog, pg_temp
as $$
    update trktr.database o
    set system_identifier = s.system_identifier,
        database_oid = d.oid
    from pg_control_system() s
    cross join pg_database d
    where d.datname = current_database()
$$;
revoke all on function trktr.adopt_database() from public;

-- Schema/Functions/announce_accounts.sql

-- Writes the newest row of each account as this node's own, so that peers that have just begun to receive from this
-- node get all of them. Rows are deleted and inserted, not updated: a peer without one applies the insert.
-- Called by: AccountStore, in a transaction that has the lock 'accounts'.
-- Session:   the arbiter's, on its own node.
-- Rights:    the caller's.
-- Settings:  none.
create or replace function trktr.announce_accounts() returns void
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
declare
    own    constant integer := (select i.node_id from trktr.identity i);
    newest trktr.account[];
begin
    newest := array(
        select a
        from (
            select distinct on (b.kind, b.name) b.*
            from trktr.account b
            order by b.kind, b.name, b.changed_at desc, b.node_id desc) a);
    delete from trktr.account a
    where a.node_id = own;
    insert into trktr.account (node_id, kind, name, role, secret_hash, expires, is_removed, changed_at, changed_by)
    select own, a.kind, a.name, a.role, a.secret_hash, a.expires, a.is_removed, a.changed_at, a.changed_by
    from unnest(newest) a;
end
$$;
revoke all on function trktr.announce_accounts() from public;

-- Schema/Functions/assign_revision.sql

-- Assigns a revision to every change of a history row after its insert. The trigger is ENABLE ALWAYS, because the
-- healing session runs as a replica.
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

-- Schema/Functions/claim_slot.sql

-- Notes that a subscriber's slot here belongs to one database, unless it belongs to another, or exists without a note.
-- Returns null when it is noted; otherwise whose the slot is, in words, and changes nothing.
-- Called by: a peer's arbiter before it registers and makes its slot here. Arbiters of other releases call it too, so
--            its signature and what it returns stay as they are.
-- Session:   the peer's, on this node.
-- Rights:    the arbiter's (security definer), as the owner of the table.
-- Settings:  none.
create or replace function trktr.claim_slot(
    slot              text,
    subscriber        integer,
    incarnation       uuid,
    system_identifier bigint,
    database_oid      oid
) returns text
    language plpgsql
    security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    owner  trktr.slot_owner;
    is_new boolean;
begin
    insert into trktr.slot_owner (node_id, incarnation, system_identifier, database_oid)
    values (subscriber, claim_slot.incarnation, claim_slot.system_identifier, claim_slot.database_oid)
    on conflict (node_id) do nothing;
    is_new := found;
    select * into owner
    from trktr.slot_owner o
    where o.node_id = subscriber
    for update;
    if (owner.incarnation, owner.system_identifier, owner.database_oid)
        is distinct from (claim_slot.incarnation, claim_slot.system_identifier, claim_slot.database_oid)
    then
        return trktr.slot_owner_in_words(owner);
    end if;
    -- Slots of all databases of a server share one name space.
    if exists (
        select
        from pg_replication_slots s
        where s.slot_name = slot
          and (is_new or s.database is distinct from current_database()))
    then
        delete from trktr.slot_owner o
        where is_new
          and o.node_id = subscriber;
        return trktr.slot_owner_in_words(null);
    end if;
    return null;
end
$$;
revoke all on function trktr.claim_slot(text, integer, uuid, bigint, oid) from public;

-- Schema/Functions/detect_delete.sql

-- As detect_update, for applied deletes. A node's delete of its own version is ordinary only while the overwrite log is
-- empty: otherwise the version may have just been announced as the winner, and no other node would know that its own
-- node deleted it.
-- Called by: the trigger trktr_detect_delete of each replicated table, for rows that are applied; its arguments are the
--            schema, the table (the root of partitions), and the columns of the key.
-- Session:   an apply worker's; the healer's.
-- Rights:    of the table's owner, on PostgreSQL 16 and later; else the arbiter's.
-- Settings:  reads trktr.stable_xid, trktr.origin, trktr.overwrite_log_empty, trktr.restoring and trktr.logged_table.
create or replace function trktr.detect_delete() returns trigger
    language plpgsql
    stable
as $$
declare
    done text;
begin
    if pg_sequence_last_value('trktr.nothing_contested') is not null
        and (
            age(old.xmin) > age(nullif(current_setting('trktr.stable_xid', true), '')::xid)
            or current_setting('trktr.overwrite_log_empty', true) = 'on'
                and (pg_xact_commit_timestamp_origin(old.xmin)).roident
                    = nullif(current_setting('trktr.origin', true), '')::oid) then
        return old;
    end if;
    if current_setting('trktr.restoring', true) = 'on'
        or current_setting('trktr.logged_table', true) = tg_argv[0] || '.' || tg_argv[1] then
        return old;
    end if;
    -- An assignment costs a fraction of PERFORM.
    done := trktr.log_overwrite(tg_argv, old.xmin, tg_relid, old, null);
    return old;
end
$$;

-- Schema/Functions/detect_key_change.sql

-- Logs an update that changes the key: the row with its new key overwrites nothing on any node, and may be missing
-- where the old one no longer exists. row_security: a session may have it off, which makes the policies of Traktor's
-- tables an error.
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

-- Detects an applied update of a version that its writer may not have seen, and has log_overwrite log it. A change of
-- the key counts as a delete, see detect_delete. The tests are one expression, because each costs time for every row,
-- and the function is stable, so that it is evaluated without a snapshot of its own: every node has the version, or the
-- sender wrote it itself, and nothing is contested.
-- The sequence trktr.nothing_contested has a value only then: otherwise the key must be looked up.
-- Called by: the trigger trktr_detect_update of each replicated table, for rows that are applied; its arguments are the
--            schema, the table (the root of partitions), and the columns of the key.
-- Session:   an apply worker's; the healer's.
-- Rights:    of the table's owner, on PostgreSQL 16 and later; else the arbiter's.
-- Settings:  reads trktr.stable_xid, trktr.origin, trktr.overwrite_log_empty, trktr.restoring and trktr.logged_table.
create or replace function trktr.detect_update() returns trigger
    language plpgsql
    stable
as $$
declare
    done text;
begin
    if pg_sequence_last_value('trktr.nothing_contested') is not null
        and (
            age(old.xmin) > age(nullif(current_setting('trktr.stable_xid', true), '')::xid)
            or (pg_xact_commit_timestamp_origin(old.xmin)).roident
                    = nullif(current_setting('trktr.origin', true), '')::oid
                and (
                    current_setting('trktr.overwrite_log_empty', true) = 'on'
                    or trktr.keeps_key(tg_argv, old, new))) then
        return new;
    end if;
    if current_setting('trktr.restoring', true) = 'on'
        or current_setting('trktr.logged_table', true) = tg_argv[0] || '.' || tg_argv[1] then
        return new;
    end if;
    -- An assignment costs a fraction of PERFORM.
    done := trktr.log_overwrite(tg_argv, old.xmin, tg_relid, old, new);
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

-- Schema/Functions/drop_old_routines.sql

-- Drops the routines that were made a month ago or longer. Most were made for a policy, a subscription or a table that
-- is another by now; one that is still called is made again.
-- Called by: NodeMaintenance, once when the arbiter starts.
-- Session:   the arbiter's.
-- Rights:    the arbiter's, as the owner of their schema.
-- Settings:  none of ours.
create or replace function trktr.drop_old_routines() returns void
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
declare
    old record;
begin
    if not current_setting('track_commit_timestamp')::boolean then
        return;
    end if;
    perform from trktr.node_lock l where l.name = 'routines' for update;
    for old in
        select p.oid::regprocedure as routine
        from pg_proc p
        where p.pronamespace = 'trktr_routine'::regnamespace
          -- A stamp that the server has forgotten is older still.
          and coalesce(pg_xact_commit_timestamp(p.xmin), '-infinity') < now() - interval '1 month'
    loop
        execute format('drop routine %s', old.routine);
    end loop;
end
$$;
revoke all on function trktr.drop_old_routines() from public;

-- Schema/Functions/escape_json.sql

-- A column of type json accepts escapes that text and jsonb do not: \u0000, and halves of surrogate pairs. No operator
-- can read such a document, or a row that contains one. Therefore images contain \u001a0000 in place of \u0000, and so
-- on: the control character SUB, which stands for what cannot be represented, before the four digits.
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

-- Whether the current role has a right on a table: 'own', or 'change keys', which is UPDATE on a column of the key.
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
                when 'change keys' then exists (
                    select
                    from pg_index i
                    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
                    where i.indrelid = c.oid
                      and i.indisunique
                      and has_column_privilege(c.oid, a.attnum, 'update'))
            end
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = schema_name
          and c.relname = table_name
    ),
    false);

-- Schema/Functions/has_unchanged_toast.sql

-- Whether a TOASTed value is equal before and after a change: the peer may not have sent it (an unchanged TOAST value),
-- so that it was filled in from the local row. Null is a value too: a TOASTed value that was not sent leaves null where
-- the local row has null.
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

-- Schema/Functions/hide_parameters.sql

-- Keeps the parameters of the statements that follow in the transaction out of the server's log and statistics, as far
-- as the role may: a superuser may, and any other role that has SET on the settings (see GrantsScript).
-- Called by: SecretStatement.
-- Session:   the arbiter's, on its own node.
-- Rights:    the caller's.
-- Settings:  the server's below, until the end of the transaction. log_error_verbosity: if the session is ended while
--            run_secretly runs, the error's context would have the statement.
create or replace function trktr.hide_parameters() returns void
    language sql
    set search_path = pg_catalog, pg_temp
as $$
    select set_config(p.name, p.value, true)
    from (values
        ('log_parameter_max_length', '0'),
        ('log_parameter_max_length_on_error', '0'),
        ('log_error_verbosity', 'terse'),
        ('auto_explain.log_parameter_max_length', '0'),
        ('auto_explain.log_nested_statements', 'off'),
        ('pg_stat_statements.track_utility', 'off')) p (name, value)
    where current_setting(p.name, true) is not null
      and (p.name = 'log_parameter_max_length_on_error' or has_parameter_privilege(p.name, 'set'))
$$;
revoke all on function trktr.hide_parameters() from public;

-- Schema/Functions/image.sql

-- The image of a row: the text of each column, as a session on any node reads it back, whatever its settings.
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

-- Schema/Functions/is_lock_held.sql

-- Whether a session of the arbiter's has the advisory lock with this key: one whose role is, or may become, the role
-- that owns schema trktr.
-- Called by: try_session_lock; OriginMarks.
-- Session:   any of the arbiter's.
-- Rights:    the arbiter's.
-- Settings:  none.
create or replace function trktr.is_lock_held(lock_key bigint) returns boolean
    language sql
    set search_path = pg_catalog, pg_temp
return exists (
    select
    from pg_locks l
    join pg_stat_activity a on a.pid = l.pid
    join pg_database d on d.oid = l.database and d.datname = current_database()
    join pg_namespace n on n.nspname = 'trktr'
    where l.locktype = 'advisory'
      and l.objsubid = 1
      and l.granted
      and l.classid::bigint << 32 | l.objid::bigint = lock_key
      and pg_has_role(a.usesysid, n.nspowner, 'member')
);
revoke all on function trktr.is_lock_held(bigint) from public;

-- Schema/Functions/keeps_key.sql

-- Whether an update leaves the key as it is. names: the schema, the table, and the columns of the key.
-- Called by: detect_update, log_overwrite.
-- Session:   an apply worker's; the healer's.
-- Rights:    of the table's owner, on PostgreSQL 16 and later; else the arbiter's.
-- Settings:  none.
create or replace function trktr.keeps_key(names text[], old_version record, new_version record) returns boolean
    language plpgsql
    stable
as $$
declare
    old_row constant json := row_to_json(old_version);
    new_row constant json := row_to_json(new_version);
begin
    for i in 2 .. array_upper(names, 1) loop
        if old_row ->> names[i] is distinct from new_row ->> names[i] then
            return false;
        end if;
    end loop;
    return true;
end
$$;

-- Schema/Functions/key_of.sql

-- The key of an image: a JSON object of its key columns, each as text, in the same order on every node.
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

-- Logs a change of a version that its writer may not have seen, or of a contested key, in trktr.overwrite_log.
-- names: the schema, the table (the root of partitions), and the columns of the key. The same decision in C#:
-- OverwriteRules, which the simulation runs, and OverwriteLog, for the healer's statements that write many rows. Under
-- many conflicts every healed one comes through here, and each expression of a function is prepared again in every
-- transaction: fewer expressions matter more than short ones. row_security: the healing sessions have it off, which
-- makes the policies of Traktor's tables an error.
-- Called by: detect_update, detect_delete.
-- Session:   an apply worker's; the healer's.
-- Rights:    of the table's owner, on PostgreSQL 16 and later; else the arbiter's.
-- Settings:  reads trktr.origin, trktr.peer, trktr.healer_records, trktr.overwrite_log_empty,
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
    is_plain  boolean;
    done      text;
begin
    -- ALTER TABLE ENABLE TRIGGER ALL makes the trigger fire in every session until the arbiter corrects it.
    if current_setting('session_replication_role') <> 'replica' then
        return;
    end if;
    if coalesce(current_setting('trktr.origin', true), '') = '' then
        perform trktr.set_stream_settings();
    end if;
    peer := coalesce(nullif(nullif(current_setting('trktr.peer', true), ''), 'none')::integer, trktr.stream_peer());
    -- The first test of stamped_at, without the call.
    stamp_at := case
        when pg_relation_filenode(relation) = relation then pg_xact_commit_timestamp(old_xmin)
        else trktr.stamped_at(relation, old_xmin)
    end;
    if stamp_at is null and age(old_xmin) <= age(pg_current_xact_id()::xid) then
        -- Written by this transaction: no other session saw that version. But if the transaction has logged anything,
        -- its last version of the row must be known.
        if not exists (select from trktr.overwrite_log j where j.xid = pg_current_xact_id()) then
            return;
        end if;
    else
        -- Null for this node. A version without a timestamp is old enough for every node to have it.
        stamp_by := coalesce((pg_xact_commit_timestamp_origin(old_xmin)).roident, 0);
        old_node := case stamp_by
            when 0 then null
            when nullif(current_setting('trktr.origin', true), '')::oid then peer
            else trktr.node_of(stamp_by)
        end;
        -- A node's own delete of its version, or change of its key, is ordinary, unless the version may have just been
        -- announced as the winner: no other node would know that its own node deleted it. Where the table's policy does
        -- not go by time, every node decides what the healer overwrites in the same way, unless a rewrite of the table
        -- has erased the version's stamp.
        is_known := stamp_at is null
            or coalesce(current_setting('trktr.healer_records', true), '') = 'final'
                and stamp_at >= '1970-01-02 00:00:00+00'
            or coalesce(old_node = peer, false)
                and (coalesce(current_setting('trktr.overwrite_log_empty', true), '') = 'on'
                    or new_version is distinct from null and trktr.keeps_key(names, old_version, new_version))
            or age(old_xmin) > age(coalesce(nullif(current_setting('trktr.stable_xid', true), ''), '0')::xid);
    end if;

    -- Most servers have the formats of trktr.image already. To set them costs as much as all the rest.
    is_plain := coalesce(current_setting('trktr.image_formats', true), '') = 'on'
        or current_setting('TimeZone') in ('UTC', 'Etc/UTC')
            and left(current_setting('DateStyle'), 3) = 'ISO'
            and current_setting('IntervalStyle') = 'postgres'
            and current_setting('extra_float_digits') in ('1', '2', '3')
            and current_setting('bytea_output') = 'hex';
    if is_plain then
        old_image := row_to_json(old_version);
        if strpos(old_image::text, '\u') > 0 then
            old_image := trktr.escape_json(old_image);
        end if;
    else
        old_image := trktr.image(old_version);
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
    if is_plain then
        new_image := row_to_json(new_version);
        if strpos(new_image::text, '\u') > 0 then
            new_image := trktr.escape_json(new_image);
        end if;
    else
        new_image := trktr.image(new_version);
    end if;
    done := set_config('trktr.overwrite_log_empty', '', false);
    -- A value that the peer did not send is filled in from the local row, whatever its size: only a table without any
    -- TOASTed value is safe.
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
        -- A version that this transaction wrote itself is logged without its image and stamp.
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

-- Schema/Functions/make_routine.sql

-- Makes a routine of the arbiter's in schema trktr_routine, unless it is there, and returns its qualified name. A
-- routine with an owner runs with that role's rights and cannot leave them: inside a SECURITY DEFINER function
-- PostgreSQL refuses SET ROLE, RESET ROLE and SET SESSION AUTHORIZATION. The owner of a routine could replace it, or
-- make it SECURITY INVOKER, if it could name it; no other role has USAGE or CREATE on the schema but in this
-- transaction. The name holds a hash of all that the routine is.
-- Called by: Routines.
-- Session:   any of the arbiter's; not one in which code of a table's owner ran in the same transaction.
-- Rights:    the arbiter's. Without superuser it has to be a member of the owner, as for the table itself.
-- Settings:  none.
create or replace function trktr.make_routine(
    prefix text,
    owner name,
    kind text,
    arguments text,
    results text,
    body text) returns text
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
declare
    owner_id oid := (select r.oid from pg_roles r where r.rolname = owner);
    name     text := prefix || '_' || left(
        encode(sha256(convert_to(concat_ws(E'\n', owner_id, kind, arguments, results, body), 'UTF8')), 'hex'), 32);
    routine  text := format('trktr_routine.%I', name);
begin
    if owner is not null and owner_id is null then
        raise exception 'role "%" does not exist', owner using errcode = 'undefined_object';
    end if;
    perform from trktr.node_lock l where l.name = 'routines' for update;
    if exists (
        select
        from pg_proc p
        where p.pronamespace = 'trktr_routine'::regnamespace
          and p.proname = name
          and p.prosrc = body
          and p.prosecdef = (owner is not null)
          and pg_get_userbyid(p.proowner) = coalesce(owner, current_user)) then
        return routine;
    end if;

    execute format('drop routine if exists %s', routine);
    execute format(
        'create %s %s(%s) %s language plpgsql %s as %L',
        kind,
        routine,
        arguments,
        'returns ' || results, -- null for a procedure
        case when owner is not null then 'security definer' end,
        body);
    execute format('revoke all on %s %s from public', kind, routine);
    if owner <> current_user then
        execute format('grant execute on %s %s to %I', kind, routine, current_user);
        execute format('grant create on schema trktr_routine to %I', owner);
        execute format('alter %s %s owner to %I', kind, routine, owner);
        execute format('revoke create on schema trktr_routine from %I', owner);
    end if;
    return routine;
end
$$;
revoke all on function trktr.make_routine(text, name, text, text, text, text) from public;

-- Schema/Functions/mark_resync.sql

-- Records that a peer may lack rows of every open table that ever had any here, or of which that is on record already.
-- Called by: register_subscriber; receive_heartbeat, for a gap.
-- Session:   the peer's, on this node; an apply worker's; the healer's.
-- Rights:    the caller's, which runs with the arbiter's.
-- Settings:  none.
create or replace function trktr.mark_resync(peer integer, why text) returns void
    language sql
    set search_path = pg_catalog, pg_temp
as $$
    insert into trktr.resync as y (node_id, schema_name, table_name, reason)
    select mark_resync.peer, r.schema_name, r.table_name, mark_resync.why
    from trktr.replicaset r
    join pg_namespace n on n.nspname = r.schema_name
    join pg_class c on c.relnamespace = n.oid and c.relname = r.table_name
    where r.committed is not null
      and (pg_relation_size(c.oid) > 0
          or exists (
              select
              from pg_partition_tree(c.oid) t
              where pg_relation_size(t.relid) > 0)
          or exists (
              select
              from trktr.resync k
              where (k.node_id, k.schema_name, k.table_name) = (mark_resync.peer, r.schema_name, r.table_name)))
    on conflict (node_id, schema_name, table_name) do update
    set reason = excluded.reason,
        since = excluded.since,
        id = excluded.id
$$;
revoke all on function trktr.mark_resync(integer, text) from public;

-- Schema/Functions/mark_transaction.sql

-- Marks a transaction of the node's own sessions before its first change with a row in trktr.origin_mark, once for each
-- transaction: a transaction-local setting records it, and a rollback to a savepoint undoes both. A session that
-- applies under a replication origin writes nothing of its own. A search_path setting would cost as much as everything
-- else, so every name is qualified instead.
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

-- The node of a replication origin (roident of pg_xact_commit_timestamp_origin); null for an unknown origin, for
-- example of a dropped subscription. In PL/pgSQL, because an SQL function is planned again by every statement that
-- calls it, which takes ten times as long.
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

-- Adds to a subscriber's own publication those of Traktor's tables that it names and that exist here. Therefore a peer
-- of an earlier release is never sent rows of a table that it lacks.
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

-- The replication origin under which versions of a node are written here without being replicated again. Origins belong
-- to the whole server, so the name contains the database's oid.
-- Called by: the arbiter (NodeOrigin, RowRestorer).
-- Session:   the one that restores rows; the heartbeat's.
-- Rights:    the session's.
-- Settings:  none.
create or replace function trktr.origin_name(node integer) returns text
    language sql
    stable
    set search_path = pg_catalog, pg_temp
return format('trktr_as_%s_%s', node, (select d.oid from pg_database d where d.datname = current_database()));

-- Schema/Functions/process_again.sql

-- Has an entry of trktr.set_aside processed once more, after its table was fixed. Returns whether there is such an
-- entry.
-- Called by: an administrator, with the statement of the finding "set_aside".
-- Session:   the administrator's.
-- Rights:    the administrator's: the arbiter's role, or a superuser.
-- Settings:  none.
create or replace function trktr.process_again(entry bigint) returns boolean
    language plpgsql
    set search_path = pg_catalog, pg_temp
    set row_security = on
as $$
begin
    with taken as (
        delete from trktr.set_aside s
        where s.id = entry
        returning s.*
    )
    insert into trktr.overwrite_log (
        schema_name, table_name, key, operation, old_row, old_at, old_node, old_incomplete, new_row, new_at, new_node,
        new_incomplete, peer)
    select
        t.schema_name, t.table_name, t.key, t.operation, t.old_row, t.old_at, t.old_node, t.old_incomplete, t.new_row,
        t.new_at, t.new_node, t.new_incomplete, t.peer
    from taken t;
    return found;
end
$$;
revoke all on function trktr.process_again(bigint) from public;

-- Schema/Functions/receive_account.sql

-- Makes room for an account that a peer sends: a row with its key is left where the peer's database was made anew.
-- Called by: the trigger receive_account of trktr.account, for rows that are applied.
-- Session:   an apply worker's; the healer's.
-- Rights:    the arbiter's, as the owner of trktr.account.
-- Settings:  none.
create or replace function trktr.receive_account() returns trigger
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
begin
    delete from trktr.account a
    where (a.node_id, a.kind, a.name) = (new.node_id, new.kind, new.name);
    return new;
end
$$;
revoke all on function trktr.receive_account() from public;

create or replace trigger receive_account
    before insert on trktr.account
    for each row execute function trktr.receive_account();
alter table trktr.account enable replica trigger receive_account;

-- Schema/Functions/receive_audit.sql

-- Keeps what a peer's audit log says: a row that is here is not added again, and none is changed or deleted because a
-- peer did so. Each node deletes its own copies when they are too old.
-- Called by: the trigger receive_audit of trktr.audit, for rows that are applied.
-- Session:   an apply worker's; the healer's.
-- Rights:    the arbiter's, as the owner of trktr.audit.
-- Settings:  none.
create or replace function trktr.receive_audit() returns trigger
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'INSERT' and not exists (
        select
        from trktr.audit a
        where (a.incarnation, a.seq, a.hash) = (new.incarnation, new.seq, new.hash))
    then
        return new;
    end if;
    return null;
end
$$;
revoke all on function trktr.receive_audit() from public;

create or replace trigger receive_audit
    before insert or update or delete on trktr.audit
    for each row execute function trktr.receive_audit();
alter table trktr.audit enable replica trigger receive_audit;

-- Schema/Functions/receive_heartbeat.sql

-- Stores an applied heartbeat with the transaction that applied it, and sets for the session whose changes it
-- applies, the stable xid, and whether the overwrite log is empty. A node's heartbeats are numbered one after the
-- other, and each is a transaction of its stream: where another one than the next comes, a part of the stream is
-- missing. The receiver or the sender was restored, or a standby was promoted that had not received everything. The
-- first gap is kept; the arbiter then stops the subscription.
-- Called by: the trigger receive_heartbeat of trktr.heartbeat, for rows that are applied.
-- Session:   an apply worker's; the healer's.
-- Rights:    the arbiter's (security definer).
-- Settings:  sets trktr.peer and trktr.overwrite_log_empty for the session.
create or replace function trktr.receive_heartbeat() returns trigger
    language plpgsql
    security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    last trktr.stream_heartbeat;
begin
    select * into last
    from trktr.stream_heartbeat s
    where s.node_id = new.node_id;
    if last.began = new.began and last.gap_at is null and new.seq <> last.seq + 1 then
        update trktr.stream_heartbeat
        set gap_from = seq,
            gap_to = new.seq,
            gap_at = clock_timestamp(),
            seq = new.seq
        where node_id = new.node_id;
        perform trktr.mark_resync(new.node_id, 'gap');
    elsif last.node_id is not null then
        update trktr.stream_heartbeat
        set began = new.began,
            seq = new.seq
        where node_id = new.node_id;
    else
        insert into trktr.stream_heartbeat (node_id, began, seq)
        values (new.node_id, new.began, new.seq)
        on conflict do nothing;
    end if;
    insert into trktr.heartbeat_receipt (node_id, seq, xid, vector, is_urgent, clock)
    values (new.node_id, new.seq, pg_current_xact_id(), new.vector, new.is_urgent, new.clock)
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

-- Receives a mark: the peer's own lets the rest of its transaction pass. Received marks are not stored.
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

-- Truncates here the tables that a peer truncated, as far as this node receives them: as the tables' owner if they have
-- one, as the apply worker would.
-- Called by: the trigger receive_truncation of trktr.truncation, for rows that are applied.
-- Session:   an apply worker's; the healer's.
-- Rights:    the session's, and for the TRUNCATE those of the tables' owner.
-- Settings:  none of ours; 
create or replace function trktr.receive_truncation() returns trigger
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
declare
    peer   integer := trktr.stream_peer();
    tables regclass[];
begin
    if peer is null then
        return new;
    end if;
    select array_agg(c.oid::regclass)
    into tables
    from jsonb_array_elements(new.relations) r
    join pg_namespace n on n.nspname = r ->> 0
    join pg_class c on c.relnamespace = n.oid and c.relname = r ->> 1 and c.relkind in ('r', 'p')
    where exists (
        select
        from pg_subscription_rel s
        join pg_subscription u on u.oid = s.srsubid
        where s.srrelid = c.oid
          and u.subname ~ format('^trktr_sub_\d+_%s$', peer));
    if tables is not null then
        perform trktr.truncate_tables(tables, false);
    end if;
    return null;
end
$$;

create or replace trigger receive_truncation
    before insert on trktr.truncation
    for each row execute function trktr.receive_truncation();
alter table trktr.truncation enable replica trigger receive_truncation;

-- Schema/Functions/register_key.sql

-- Keeps the public key of a subscriber's arbiter, by which this node's arbiter knows its calls, if the slot of the
-- subscriber here belongs to the caller's database.
-- Called by: a peer's arbiter when it subscribes, and at each full check. Arbiters of other releases call it too, so
--            its signature and what it returns stay as they are.
-- Session:   the peer's, on this node.
-- Rights:    the arbiter's (security definer), as the owner of the table.
-- Settings:  none.
create or replace function trktr.register_key(
    subscriber        integer,
    incarnation       uuid,
    system_identifier bigint,
    database_oid      oid,
    public_key        bytea,
    made_at           timestamptz
) returns void
    language sql
    security definer
    set search_path = pg_catalog, pg_temp
as $$
    update trktr.slot_owner o
    set public_key = register_key.public_key,
        key_made_at = register_key.made_at
    where o.node_id = register_key.subscriber
      and o.incarnation = register_key.incarnation
      and o.system_identifier = register_key.system_identifier
      and o.database_oid = register_key.database_oid
      and (o.public_key, o.key_made_at) is distinct from (register_key.public_key, register_key.made_at)
$$;
revoke all on function trktr.register_key(integer, uuid, bigint, oid, bytea, timestamptz) from public;

-- Schema/Functions/register_subscriber.sql

-- Creates the publication of one subscriber. It can then be sent tables that other peers are not ready for, and starts
-- with all tables that were opened without another peer. It publishes what trktr_pub publishes: not TRUNCATE where
-- transactions are marked. The subscriber receives what is written from now on: every open table that ever had rows, or
-- that it was known to lack some of, needs a resync.
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
    perform from trktr.node_lock l where l.name = 'replicaset' for update;
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
    perform trktr.mark_resync(subscriber, 'subscribed');
    delete from trktr.marked_subscriber where node_id = subscriber;
end
$$;
revoke all on function trktr.register_subscriber(integer) from public;

-- Schema/Functions/release_slot.sql

-- Drops a subscriber's slot, and everything that this node keeps for the subscriber, if the slot belongs to the
-- caller's database. Returns null when nothing of it is left; otherwise whose the slot is, in words, and changes
-- nothing. Fails with object_in_use while the slot is in use.
-- Called by: a peer's arbiter that no longer needs its slot here. Arbiters of other releases call it too, so its
--            signature and what it returns stay as they are.
-- Session:   the peer's, on this node.
-- Rights:    the arbiter's (security definer), as the owner of the table and the publications.
-- Settings:  none.
create or replace function trktr.release_slot(
    slot              text,
    subscriber        integer,
    incarnation       uuid,
    system_identifier bigint,
    database_oid      oid
) returns text
    language plpgsql
    security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    owner trktr.slot_owner;
begin
    if slot <> (select format('trktr_sub_%s_%s', subscriber, i.node_id) from trktr.identity i) then
        -- The connection string leads to another node by now.
        return null;
    end if;
    -- First, as unregister_subscriber does when an operator calls it at the same time: the other order is a deadlock.
    perform from trktr.node_lock l where l.name = 'replicaset' for update;
    select * into owner
    from trktr.slot_owner o
    where o.node_id = subscriber
    for update;
    if not found then
        -- Perhaps the operator dropped the slot. One that exists without a note is nobody's to drop.
        return (
            select trktr.slot_owner_in_words(null)
            from pg_replication_slots s
            where s.slot_name = slot
              and s.database = current_database());
    end if;
    if (owner.incarnation, owner.system_identifier, owner.database_oid)
        is distinct from (release_slot.incarnation, release_slot.system_identifier, release_slot.database_oid)
    then
        return trktr.slot_owner_in_words(owner);
    end if;
    perform pg_drop_replication_slot(s.slot_name)
    from pg_replication_slots s
    where s.slot_name = slot
      and s.database = current_database();
    perform trktr.unregister_subscriber(subscriber);
    return null;
end
$$;
revoke all on function trktr.release_slot(text, integer, uuid, bigint, oid) from public;

-- Schema/Functions/require_marks.sql

-- Makes this node mark its transactions while a peer receives them. Returns null when all are marked already; 'off'
-- when this arbiter runs with Pre16Compatibility = False; 'pending' while the triggers are being created. A trigger is
-- created only when every transaction that has written its table has ended, so that no unmarked one can follow.
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
    perform from trktr.node_lock l where l.name = 'replicaset' for update;
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

-- Schema/Functions/require_nothing_deferred.sql

-- Refuses to go on where code of a table's owner would run at the commit, outside of the function that confines it: a
-- deferred trigger, the recheck of a deferred constraint, or a cursor WITH HOLD. PostgreSQL 18 runs a deferred trigger
-- as the role that wrote the row, but a cursor WITH HOLD that the trigger opens as the session's role. The server's own
-- apply worker refuses all three. The trigger of a table that this transaction wrote is enough: that it was deferred
-- cannot be seen.
-- Called by: require_untouched.
-- Session:   any of the arbiter's that touches users' tables, before the commit. Its search_path was found unchanged.
-- Rights:    the session's.
-- Settings:  none of ours.
create or replace function trktr.require_nothing_deferred() returns void
    language plpgsql
as $$
declare
    postponed record;
begin
    if exists (select from pg_cursor() c where c.is_holdable) then
        raise exception 'code of a table''s owner opened a cursor WITH HOLD'
            using errcode = 'insufficient_privilege', hint = 'Let it use a cursor WITHOUT HOLD.';
    end if;
    select
        t.tgname,
        t.tgisinternal,
        t.tgrelid::regclass::text as relation
    into postponed
    from pg_trigger t
    where t.tgdeferrable
      and (
          not t.tgisinternal
          or t.tgfoid = 'unique_key_recheck'::regproc
              and exists (
                  select
                  from pg_index i
                  where i.indexrelid = t.tgconstrindid
                    and (
                        i.indisexclusion
                        or exists (
                            select
                            from unnest(i.indclass::oid[]) l (operator_class)
                            where l.operator_class >= 16384))))
      and t.tgenabled in ('A', case current_setting('session_replication_role') when 'replica' then 'R' else 'O' end)
      and (
          not current_setting('track_counts')::boolean
          or pg_stat_get_xact_tuples_inserted(t.tgrelid)
              + pg_stat_get_xact_tuples_updated(t.tgrelid)
              + pg_stat_get_xact_tuples_deleted(t.tgrelid) > 0)
    limit 1;
    if postponed.relation is not null then
        raise exception 'trigger % of % is deferrable: at the commit it would leave the rights of the table''s owner',
            quote_ident(postponed.tgname), postponed.relation
            using errcode = 'insufficient_privilege',
                hint = case
                    when postponed.tgisinternal then 'Make its constraint NOT DEFERRABLE.'
                    else format('Make it NOT DEFERRABLE, or DISABLE TRIGGER %s.', quote_ident(postponed.tgname))
                end;
    end if;
end
$$;

-- Schema/Functions/require_untouched.sql

-- Refuses to go on where code of a table's owner changed something of the session that outlasts the statement in which
-- it ran: a setting, or what runs at the commit. What it set is undone with the transaction. A statement that it
-- prepared is harmless, since such a session calls none by name.
-- Triggers of ours set trktr.stable_xid while that statement runs, but never beyond what is stored. They also note
-- whether the overwrite log is empty, which is forgotten here: not to know it is always right. stable_before is what
-- trktr.stable_xid was before; null looks it up, which costs half as much as all the rest.
-- Called by: OwnerSession and the arbiter's routines, right after each statement that ran such code; truncate_tables.
-- Session:   any of the arbiter's that touches users' tables.
-- Rights:    the session's.
-- Settings:  compares settings_in_force with what they were before; reads trktr.stable_xid; clears
--            trktr.overwrite_log_empty. Until search_path is known to be unchanged, every name is qualified.
create or replace procedure trktr.require_untouched(expected text, stable_before text default null)
    language plpgsql
as $$
declare
    is_untouched boolean := trktr.settings_in_force() operator(pg_catalog.=) expected;
begin
    if is_untouched and current_setting('trktr.stable_xid', true) is distinct from stable_before then
        is_untouched := not exists (
            select
            from trktr.stable_xid h
            where age(coalesce(nullif(current_setting('trktr.stable_xid', true), ''), '0')::xid)
                < age(coalesce(h.xid::xid, '0'::xid)));
    end if;
    if not is_untouched then
        raise exception 'code of a table''s owner changed a setting of the arbiter''s session'
            using errcode = 'insufficient_privilege',
                hint = 'Let it use SET LOCAL inside a function with a SET clause, or not at all.';
    end if;
    if current_setting('trktr.overwrite_log_empty', true) = 'on' then
        perform set_config('trktr.overwrite_log_empty', '', false);
    end if;
    perform trktr.require_nothing_deferred();
end
$$;

-- Schema/Functions/row_as_jsonb.sql

-- A row for the history, whatever it contains.
-- Called by: the arbiter's statements that write the history (TargetTable, ConflictRecord, record_losses.sql).
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

-- Schema/Functions/run_secretly.sql

-- Runs a statement that has no parameters with a secret literal, so that neither the log nor pg_stat_activity shows it.
-- An error is raised again without its context, which has the statement.
-- Called by: SecretStatement.
-- Session:   the arbiter's, on its own node.
-- Rights:    the caller's.
-- Settings:  none.
create or replace function trktr.run_secretly(statement text, secret text) returns void
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
declare
    state   text;
    message text;
    detail  text;
    hint    text;
begin
    execute format(statement, secret);
exception
    -- "others" has neither of the first two.
    when query_canceled or assert_failure or others then
        get stacked diagnostics
            state = returned_sqlstate,
            message = message_text,
            detail = pg_exception_detail,
            hint = pg_exception_hint;
        raise exception using errcode = state, message = message, detail = detail, hint = hint;
end
$$;
revoke all on function trktr.run_secretly(text, text) from public;

-- Schema/Functions/send_truncation.sql

-- Before a TRUNCATE: stores the name of a table that it will truncate. After it: sends all tables that the statement
-- truncated, as one row of trktr.truncation.
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

-- Whether rows that the session applies are kept: 'pass', or 'drop' if the peer may forward transactions. A peer's own
-- mark lets rows pass for the rest of its transaction. Only the server's apply workers ever drop rows, because the
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

-- Sets for the session the stable xid and the replication origin under which it applies, at the first overwritten row
-- and again at each heartbeat in the stream. The stored stable xid may be used at once, because this peer's reports
-- came earlier in the same stream. No origin has the greatest number, so that a session that applies no stream matches
-- none.
-- Called by: log_overwrite, receive_heartbeat.
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

-- Schema/Functions/settings_in_force.sql

-- The settings of the session that say what names and literals mean, how values are written, and what the triggers on
-- users' tables take the session for, those of other owners included. Code of a table's owner may set each of them for
-- the session; it may not set session_replication_role, but RESET ALL resets it for every role. Settings that are not
-- here change plans and times only, or are applications' own.
-- Called by: require_untouched; the arbiter's sessions, before they touch a user's table.
-- Session:   any of the arbiter's that touches users' tables.
-- Rights:    the session's.
-- Settings:  reads those below. It has no search_path of its own, since that is one of them: every name is qualified.
create or replace function trktr.settings_in_force() returns text
    language plpgsql
    stable
as $$
begin
    return pg_catalog.concat_ws(
        '/'::pg_catalog.text,
        pg_catalog.current_setting('search_path'::pg_catalog.text),
        pg_catalog.current_setting('standard_conforming_strings'::pg_catalog.text),
        pg_catalog.current_setting('backslash_quote'::pg_catalog.text),
        pg_catalog.current_setting('transform_null_equals'::pg_catalog.text),
        pg_catalog.current_setting('array_nulls'::pg_catalog.text),
        pg_catalog.current_setting('quote_all_identifiers'::pg_catalog.text),
        pg_catalog.current_setting('client_encoding'::pg_catalog.text),
        pg_catalog.current_setting('DateStyle'::pg_catalog.text),
        pg_catalog.current_setting('IntervalStyle'::pg_catalog.text),
        pg_catalog.current_setting('TimeZone'::pg_catalog.text),
        pg_catalog.current_setting('extra_float_digits'::pg_catalog.text),
        pg_catalog.current_setting('bytea_output'::pg_catalog.text),
        pg_catalog.current_setting('xmloption'::pg_catalog.text),
        pg_catalog.current_setting('xmlbinary'::pg_catalog.text),
        pg_catalog.current_setting('lc_monetary'::pg_catalog.text),
        pg_catalog.current_setting('lc_numeric'::pg_catalog.text),
        pg_catalog.current_setting('lc_time'::pg_catalog.text),
        pg_catalog.current_setting('default_text_search_config'::pg_catalog.text),
        pg_catalog.current_setting('plpgsql.check_asserts'::pg_catalog.text, true),
        pg_catalog.current_setting('plpgsql.extra_errors'::pg_catalog.text, true),
        pg_catalog.current_setting('row_security'::pg_catalog.text),
        pg_catalog.current_setting('check_function_bodies'::pg_catalog.text),
        pg_catalog.current_setting('synchronous_commit'::pg_catalog.text),
        pg_catalog.current_setting('statement_timeout'::pg_catalog.text),
        pg_catalog.current_setting('lock_timeout'::pg_catalog.text),
        pg_catalog.current_setting('idle_in_transaction_session_timeout'::pg_catalog.text),
        pg_catalog.current_setting('default_transaction_isolation'::pg_catalog.text),
        pg_catalog.current_setting('default_transaction_read_only'::pg_catalog.text),
        pg_catalog.current_setting('session_replication_role'::pg_catalog.text),
        pg_catalog.current_setting('trktr.peer'::pg_catalog.text, true),
        pg_catalog.current_setting('trktr.origin'::pg_catalog.text, true),
        pg_catalog.current_setting('trktr.restoring'::pg_catalog.text, true),
        pg_catalog.current_setting('trktr.image_formats'::pg_catalog.text, true),
        -- drop_forwarded sets it to pass, at the first row.
        coalesce(
            nullif(pg_catalog.current_setting('trktr.stream_filter'::pg_catalog.text, true), 'pass'::pg_catalog.text),
            ''::pg_catalog.text),
        -- The last one: OwnerSession expects its value where a statement is to log a table's overwrites.
        coalesce(pg_catalog.current_setting('trktr.logged_table'::pg_catalog.text, true), ''::pg_catalog.text));
end
$$;

-- Schema/Functions/slot_owner_in_words.sql

-- Whose a slot is, for an arbiter's sentence "it belongs to ...". Null: nobody noted whose it is.
-- Called by: claim_slot, release_slot.
-- Session:   the peer's, on this node.
-- Rights:    the caller's.
-- Settings:  none.
create or replace function trktr.slot_owner_in_words(owner trktr.slot_owner) returns text
    language sql
    set search_path = pg_catalog, pg_temp
as $$
    select case
        when owner.node_id is null then 'a database that is not known'
        else format(
            'another database that is node %s (oid %s, of the server with system identifier %s), which subscribed at %s',
            owner.node_id,
            owner.database_oid,
            owner.system_identifier,
            to_char(owner.since at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'))
    end
$$;
revoke all on function trktr.slot_owner_in_words(trktr.slot_owner) from public;

-- Schema/Functions/stamped_at.sql

-- When the version of a row was committed, as pg_xact_commit_timestamp says of its xmin. A statement that rewrites a
-- table (most forms of ALTER TABLE ... TYPE, SET LOGGED, ADD COLUMN with a volatile default; pg_repack) gives every row
-- its own transaction as xmin. When such a row was really written is not known any more: the answer is then a time on
-- the first day of 1970, before all other versions, which tells the local versions of a row apart. Rows that are
-- applied have an origin, which no rewrite has, and keep their stamps.
-- A table that was never rewritten or truncated has its first file, whose number is its oid. Its present file is read
-- from the system cache, which is current once the table is locked, even where the session's snapshot is older; where
-- note_rewrites.sql has not yet noted the file, every local version counts as rewritten. That is always right: its node
-- has sent the version with its stamp, and whoever has it answers.
-- Called by: log_overwrite; the arbiter's statements that read rows.
-- Session:   an apply worker's; the healer's; the one of convergence; one that reads rows for a page.
-- Rights:    the arbiter's (security definer), for trktr.table_file. It says nothing that xmin does not say.
-- Settings:  none.
create or replace function trktr.stamped_at(relation oid, version xid) returns timestamptz
    language plpgsql
    stable
    security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    present constant oid := pg_relation_filenode(relation);
    stamp            record;
begin
    if present = relation then
        return pg_xact_commit_timestamp(version);
    end if;
    stamp := pg_xact_commit_timestamp_origin(version);
    if stamp.roident = 0
        and coalesce(
            (
                select
                    f.file <> present
                    or coalesce(
                        age(version) <= age(f.rewritten_from::xid) and age(version) > age(f.rewritten_before::xid),
                        false)
                from trktr.table_file f
                where f.relation = stamped_at.relation
            ),
            true) then
        return 'epoch'::timestamptz + version::text::bigint * interval '1 microsecond';
    end if;
    return stamp.timestamp;
end
$$;

-- Schema/Functions/stream_peer.sql

-- The node whose stream the session applies; null in every other session. Looked up once for each session.
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

-- Schema/Functions/truncate_tables.sql

-- Empties tables as a peer emptied them; like the server's apply worker it does not cascade. Triggers on TRUNCATE that
-- fire for applied changes are code of the owners: where there is one, each owner's tables are emptied with his rights,
-- else all in one statement, which tables that refer to one another may need. That a table outside refers to one of
-- them is raised with another SQLSTATE: the driver takes feature_not_supported for a statement that must be prepared
-- again, and fails where it had not prepared it.
-- Called by: receive_truncation; ApplySql.
-- Session:   an apply worker's; the healer's.
-- Rights:    the session's, and the owners'.
-- Settings:  none of ours; what code of an owner set is refused.
create or replace function trktr.truncate_tables(relations regclass[], restarts_identity boolean) returns void
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
declare
    settings text := trktr.settings_in_force();
    ending   text := case when restarts_identity then ' restart identity' else '' end;
    owned    record;
    refusal  text;
    about    text;
begin
    -- No trigger can be added between the look and the statement.
    execute 'lock table '
        || (select string_agg(format('%s', r.relation), ', ') from unnest(relations) r (relation))
        || ' in access exclusive mode';
    for owned in
        with recursive part (relation, oid) as (
            select r.relation, h.inhrelid
            from unnest(relations) r (relation)
            join pg_inherits h on h.inhparent = r.relation
            union
            select part.relation, h.inhrelid
            from part
            join pg_inherits h on h.inhparent = part.oid)
        select
            part.oid::regclass as part,
            pg_get_userbyid(p.relowner) as part_owner,
            c.oid::regclass as above,
            pg_get_userbyid(c.relowner) as above_owner
        from part
        join pg_class c on c.oid = part.relation
        join pg_class p on p.oid = part.oid
        where p.relowner <> c.relowner
    loop
        raise exception '%, a part of %, belongs to role %, but % to role %: code attached to the part would run with the rights of %',
            owned.part, owned.above, owned.part_owner, owned.above, owned.above_owner, owned.above_owner
            using errcode = 'insufficient_privilege',
                hint = format('ALTER TABLE %s OWNER TO %I;', owned.part, owned.above_owner);
    end loop;
    for owned in
        select
            case when h.has_triggers then pg_get_userbyid(c.relowner) end as owner,
            string_agg(format(case c.relkind when 'p' then '%I.%I' else 'only %I.%I' end, n.nspname, c.relname), ', ') as tables
        from unnest(relations) r (relation)
        join pg_class c on c.oid = r.relation
        join pg_namespace n on n.oid = c.relnamespace
        cross join (
            select exists (
                select
                from unnest(relations) r (relation)
                cross join lateral (select r.relation union select p.relid from pg_partition_tree(r.relation) p) p (relation)
                join pg_trigger t on t.tgrelid = p.relation
                where t.tgtype & 32 <> 0
                  and t.tgenabled in ('A', 'R')) as has_triggers) h
        group by 1
    loop
        if coalesce(owned.owner, current_user) = current_user then
            begin
                execute 'truncate ' || owned.tables || ending;
            exception when feature_not_supported then
                get stacked diagnostics refusal = message_text, about = pg_exception_detail;
                raise exception using
                    errcode = 'object_not_in_prerequisite_state',
                    message = refusal,
                    detail = about,
                    hint = 'Drop that foreign key on this node, or truncate and replicate the table that refers, too.';
            end;
        else
            execute format(
                'select %s()',
                trktr.make_routine(
                    'truncate', owned.owner, 'function', '', 'void', format('begin truncate %s%s; end', owned.tables, ending)));
            call trktr.require_untouched(settings);
        end if;
    end loop;
end
$$;
revoke all on function trktr.truncate_tables(regclass[], boolean) from public;

-- Schema/Functions/try_session_lock.sql

-- Takes the advisory lock of a row of trktr.node_lock until the session ends or releases it. is_taken is false when
-- another session of the arbiter's has it. Everybody may take any advisory lock, and pg_locks shows which there are:
-- when only sessions of other roles have it, the row gets another key, and taken_from says who they are. The locked row
-- makes sure that no second arbiter takes the old key meanwhile.
-- Called by: NodeLocks, in a transaction of its own.
-- Session:   the one that shall have the lock.
-- Rights:    the arbiter's.
-- Settings:  none.
create or replace function trktr.try_session_lock(
    lock_name text,
    is_shared boolean,
    out is_taken boolean,
    out taken_from text)
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
declare
    own_key bigint;
begin
    select l.key
    into strict own_key
    from trktr.node_lock l
    where l.name = lock_name
    for update;
    loop
        is_taken := case when is_shared then pg_try_advisory_lock_shared(own_key) else pg_try_advisory_lock(own_key) end;
        exit when is_taken or trktr.is_lock_held(own_key);

        select string_agg(
            format('role %s, process %s', coalesce(a.usename, 'unknown'), coalesce(l.pid::text, 'none (a prepared transaction)')),
            '; ')
        into taken_from
        from pg_locks l
        left join pg_stat_activity a on a.pid = l.pid
        where l.locktype = 'advisory'
          and l.objsubid = 1
          and l.granted
          and l.classid::bigint << 32 | l.objid::bigint = own_key;
        update trktr.node_lock l
        set key = default
        where l.name = lock_name
        returning l.key into own_key;
    end loop;
end
$$;
revoke all on function trktr.try_session_lock(text, boolean) from public;

-- Schema/Functions/unescape_json.sql

-- Restores what escape_json escaped: the text of a value of type json, or with json inside, where more backslashes
-- precede each.
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
-- Called by: release_slot; this node's arbiter when the node is uninitialised; an operator, as the messages about a
--            slot that is left say. Its signature stays as it is.
-- Session:   the peer's, on this node; the arbiter's; the operator's.
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
    perform from trktr.node_lock l where l.name = 'replicaset' for update;
    if exists (select from pg_publication where pubname = publication) then
        execute format('drop publication %I', publication);
    end if;
    update trktr.replicaset
    set excluded = array_remove(excluded, subscriber)
    where subscriber = any (excluded);
    delete from trktr.subscriber_table where node_id = subscriber;
    delete from trktr.resync where node_id = subscriber;
    delete from trktr.marked_subscriber where node_id = subscriber;
    delete from trktr.slot_owner where node_id = subscriber;
end
$$;
revoke all on function trktr.unregister_subscriber(integer) from public;

-- Schema/Functions/value_as_jsonb.sql

-- A value for the history. A document with a number that is too large for jsonb becomes text.
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

-- Schema/Views/accounts.sql

-- The users and API keys of the mesh: of the rows that the nodes have written, the newest of each.
create or replace view trktr.accounts as
select
    kind,
    name,
    role,
    secret_hash,
    expires,
    changed_at,
    changed_by
from (
    select distinct on (kind, name) *
    from trktr.account
    order by kind, name, changed_at desc, node_id desc) newest
where not is_removed;

-- Schema/Views/conflicts.sql

-- Conflicts that need a decision, for psql users.
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

-- Which tables have the triggers of marking and filtering, and which should. is_marked and is_filtered: complete and
-- enabled; has_marks and has_filter: at least some of them exist. Includes those of Traktor's own tables that are
-- replicated, whether published yet or not, because they have no rows when they are created.
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
            when 'trktr' then c.relname in ('node', 'account', 'audit', 'truncation', 'heartbeat', 'winner')
            else c.oid in (
                select r.prrelid
                from pg_publication_rel r
                join pg_publication p on p.oid = r.prpubid
                where p.pubname ~ '^trktr_pub(_to_\d+)?$')
        end as wants_marks,
    w.filter
        and case n.nspname
            when 'trktr' then c.relname in ('node', 'account', 'audit', 'truncation', 'heartbeat', 'winner')
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

-- Resolved conflicts, for psql users.
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

-- Schema/Grants/contested_key.sql

-- The triggers run with the rights of the table's owner, who may see whether a key of his own tables is contested.
grant select on trktr.contested_key to public;
alter table trktr.contested_key enable row level security;

drop policy if exists read_own on trktr.contested_key;
create policy read_own on trktr.contested_key
    for select
    using (trktr.has_privilege_on(schema_name, table_name, 'own'));

-- Schema/Grants/identity.sql

-- The triggers on users' tables read this node's NodeID.
grant select (node_id) on trktr.identity to public;

-- Schema/Grants/join_peer.sql

-- The connection strings have passwords. Without a policy only the table's owner, which is the arbiter's role,
-- superusers and roles with BYPASSRLS read them. Members of pg_read_all_data do not.
alter table trktr.join_peer enable row level security;

-- Schema/Grants/node_key.sql

-- Without a policy only the table's owner, which is the arbiter's role, superusers and roles with BYPASSRLS read the
-- private key. Members of pg_read_all_data do not.
alter table trktr.node_key enable row level security;

-- Schema/Grants/nothing_contested.sql

-- The triggers run with the rights of the table's owner. Who may only read a sequence can neither change nor lock it.
grant select on trktr.nothing_contested to public;

-- Schema/Grants/overwrite_log.sql

-- The triggers run with the rights of the table's owner, or of the application: these may log changes of their own
-- tables, and see nothing of other tables.
revoke insert on trktr.overwrite_log from public;
grant select on trktr.overwrite_log to public;
-- The transaction, the time and what the healer records are not theirs to say.
grant insert (
    schema_name, table_name, key, operation, old_row, old_at, old_node, old_incomplete, new_row, new_incomplete, peer
) on trktr.overwrite_log to public;
alter table trktr.overwrite_log enable row level security;

drop policy if exists read_own on trktr.overwrite_log;
create policy read_own on trktr.overwrite_log
    for select
    using (trktr.has_privilege_on(schema_name, table_name, 'own'));

-- detect_update and detect_delete, for the roles that apply.
drop policy if exists log_overwrite on trktr.overwrite_log;
create policy log_overwrite on trktr.overwrite_log
    for insert
    with check (
        xid = pg_current_xact_id()
        and current_setting('session_replication_role') = 'replica'
        and trktr.has_privilege_on(schema_name, table_name, 'own'));

-- detect_key_change, for the application.
drop policy if exists log_key_change on trktr.overwrite_log;
create policy log_key_change on trktr.overwrite_log
    for insert
    with check (
        xid = pg_current_xact_id()
        and operation = 'I'
        and old_row is null
        and old_at is null
        and peer is null
        and trktr.has_privilege_on(schema_name, table_name, 'change keys'));

-- Schema/Grants/schema.sql

-- The triggers on users' tables run with the rights of a table's owner, or of the application, and call functions of
-- this schema.
grant usage on schema trktr to public;

-- What is installed

insert into trktr.schema_script (path, hash)
values
    ('Schema/Functions/adopt_database.sql', 'f6e1e0a08528daa228c661c3ef75aa71a659397b28e58b30a78a810899f84d1a'),
    ('Schema/Functions/announce_accounts.sql', 'ada07cc271e7dbcae38e6ab509aa8fdf070e260eb13dee44ad666794f7c91ea8'),
    ('Schema/Functions/assign_revision.sql', '3b6c9a71cb737ea9306b20f92d797baed251316b93d9b4eb322b5340e309823a'),
    ('Schema/Functions/claim_slot.sql', 'b4070102d4ee581f23c9bdb02c20e1ca160c2c6a4c7e6e276a979f1607792c57'),
    ('Schema/Functions/detect_delete.sql', 'cd48539c2561c56a079bd7ea7cedadd37236fe7b09302b7cf7f18825027dfaa7'),
    ('Schema/Functions/detect_key_change.sql', '1ed8d2541045a67726577fbb089b7537cf37e5baa987f4dec79ac8055a2af7fd'),
    ('Schema/Functions/detect_update.sql', 'd579fa1af2f2d5517c604336ab60973e21df73e645df648bd5b3417d7ec3a3e5'),
    ('Schema/Functions/drop_forwarded.sql', '4a538c6f61659adb080d05315114942f32f1f9c148530f3a35212b167e1b4dc1'),
    ('Schema/Functions/drop_old_routines.sql', '269f4ba5e8e966669d61317612c4c75af2f5040b444e00a4a9714b2702565605'),
    ('Schema/Functions/escape_json.sql', 'c4df196a2b0f4bf40a95549b31d60f2785a5bfd55e89408b442cef0f8fdb8784'),
    ('Schema/Functions/has_privilege_on.sql', 'e9d26dd8576aebeb505d8e081dfcfdeaf3832ebfe7a58cd2372013614e65628d'),
    ('Schema/Functions/has_unchanged_toast.sql', '4c372d9f0d1a44f889c7be6ef6068ecb2d85ea3974e90de6f90b4f40e826024f'),
    ('Schema/Functions/hide_parameters.sql', 'ee1d4a38c94e3c1352b753b3c428996a6a70df9a4407769db4c49e5806fd7ceb'),
    ('Schema/Functions/image.sql', 'b3f62da93076318003c177fa3e7a27dfbdecd2753f565289a668f62717046a04'),
    ('Schema/Functions/is_lock_held.sql', '0d15e31107ecefd6fc72d88030b99d46d1da38458caef606da5db7c32b03d804'),
    ('Schema/Functions/keeps_key.sql', '3e9fee6df22a90fcbc848d0d4778450208786d9c423832c96a291ec73636edfe'),
    ('Schema/Functions/key_of.sql', '955c7ef9971a6fbb95887f7706e144ec900cfd5f89c00105da92256db7b8c783'),
    ('Schema/Functions/log_overwrite.sql', '17d10125a2c2be6121f9c0c7bbce10b4ff0126c1fe96278583331bdbb75fd0e4'),
    ('Schema/Functions/make_routine.sql', 'fd8b8eeaf2eb04d68247f01bc99ed4d711301e0fe4961694f0a70b9e7d4a0272'),
    ('Schema/Functions/mark_resync.sql', '420cfe831e48315e1285264c121c84704409598b751f2e497d2e454aa7eb3b8c'),
    ('Schema/Functions/mark_transaction.sql', '09b9b972a24e13b21df67b4d0a29867d2165dd3900efd890dbb14b3719cd6fa1'),
    ('Schema/Functions/node_of.sql', '77155e85189d61eba293cbc5db94152286454e937f5d93eed43c788d586b1f48'),
    ('Schema/Functions/offer_tables.sql', '50b8b2640e266dd0b45aeda29c0fd1a9f480d55b849b49d70efabe37786374cb'),
    ('Schema/Functions/origin_name.sql', 'd650f07df0b9e8748f0f3f4b533549cee79754d0e69c9151ea7f57c5341f6b89'),
    ('Schema/Functions/process_again.sql', '4e0378e14c594f0b890c178c5bc4fcfc7769a3b22e57ebb834a753b18df2cb45'),
    ('Schema/Functions/receive_account.sql', 'eaf2474fe60e1a896b7f2209b1d6fe8119b7d3d6475b8cb0d004d53ea641c543'),
    ('Schema/Functions/receive_audit.sql', 'c3bbe4811ad902d01483fe2cacadab0eb07e1017dc9ad1694fcd2e97c352d183'),
    ('Schema/Functions/receive_heartbeat.sql', 'e220fcc3ad86d34c11396d40159d5464d6af2472b8fb9cc9112515c896a9dc03'),
    ('Schema/Functions/receive_mark.sql', 'f8d1c4dc1c58e35065765e9995462b8585c6b10796d6c0c8d329825e8fe38c1f'),
    ('Schema/Functions/receive_truncation.sql', '5cb166ff32b02df6313e1529abbd3b9c47e9e9dd10f695d35523fab0d30eb531'),
    ('Schema/Functions/register_key.sql', 'd33d60057b000b93aabb0e11774c21925f656902f023ffccdae882dba19869ef'),
    ('Schema/Functions/register_subscriber.sql', 'b37065f1a7234edd79cf82e45d903ec3749cae2c0428f74bff2b32c3ef456984'),
    ('Schema/Functions/release_slot.sql', 'd1fd6426f13ea078cd32ab79cc00ebe6e33ed9c929cfe3645e67c48cacd46b3f'),
    ('Schema/Functions/require_marks.sql', 'c1827559d4161da8a7fe4d95547ffaab5c8458a9421d5778d37b2186a81eb9f8'),
    ('Schema/Functions/require_nothing_deferred.sql', 'dd600edb0b10437cf387ec6ca36301e2a12888334c3b704b853e56cefbaaccf2'),
    ('Schema/Functions/require_untouched.sql', '482d5df6660ba0b74eff73877a64e35bd3b1d5a4870be1d19a4a89d7741f8508'),
    ('Schema/Functions/row_as_jsonb.sql', '92d7ca84237e440de8ef76c07082d3c7f623e5d9f28eb1b307278d27771cbf9c'),
    ('Schema/Functions/run_secretly.sql', '253f2aa33b6fb5e4786bd81ffd5835edd72a3db0b2bcda1d5c291128e914836d'),
    ('Schema/Functions/send_truncation.sql', 'c1244a95c9d2b262f08f719ac4014bde1a370dc6d6dc501603272952b511372b'),
    ('Schema/Functions/set_stream_filter.sql', '46bf9c872bdc117eae32c44ff30335b4468e7f787d2203afc7c0239b432c7b5a'),
    ('Schema/Functions/set_stream_settings.sql', '8a75863daaeb2b74d341074afc9ebd1451082d55466ce5d6197bf9d42c48e310'),
    ('Schema/Functions/settings_in_force.sql', '32b88fd3643280662a602a5eacec366b82c3bdd5ee5934d8e2382136fe9dad38'),
    ('Schema/Functions/slot_owner_in_words.sql', '4a43382d0c3de314510328f3282ea27cf7fd2db7cac1ab72536c8f5239da6f13'),
    ('Schema/Functions/stamped_at.sql', '88117cecedd93b2aec96dd1be9cc6b9a8280da36704f455fa88b25e83cff5be3'),
    ('Schema/Functions/stream_peer.sql', '1308c9ac381a472b107eae5d38b101905d2f948bc3e7b0efc4908a09413873f9'),
    ('Schema/Functions/truncate_tables.sql', '52b6c3653504a4d9288436e7efa69feb8ef3037354cbde59ebbb33f8fcbaf81a'),
    ('Schema/Functions/try_session_lock.sql', '439285662d608dbfa3f95600e0744df0700c00419c0c446cd5f1bc58b3148c77'),
    ('Schema/Functions/unescape_json.sql', '46bb88b6c4fdc1a0213eff460f1b560cc86c1f10c3a614cd82163b90ad30b718'),
    ('Schema/Functions/unregister_subscriber.sql', 'ccc96a43f62961a34910ac3291928dbd91292d786806081b7c8235d37e6715cf'),
    ('Schema/Functions/value_as_jsonb.sql', 'a6d0b6a810b9e8cf4933e2d911ba03f30758c82db2bb56211f91ca7599381dad'),
    ('Schema/Views/accounts.sql', '091963ae5e1f893c27a5df4f6a8adcbfd1e2628dc4cfee074f8fb0e411161243'),
    ('Schema/Views/conflicts.sql', '9efbd97a99ad5f77fe7ae14d8ba955eb21b033124ce67b2929290025c6cce47c'),
    ('Schema/Views/marking.sql', '7e8279dcaabc0e93b317a7a29a33197a5bd2c44b8cccf3700744afd389f9b15a'),
    ('Schema/Views/resolutions.sql', 'f1ee158f81b41589d3c4434ce42fd85713c37126af6e9e0241f07516a05323c0'),
    ('Schema/Grants/contested_key.sql', '54de161be07a89897ca6c5e1b067b6083c2cb2d03a9220cdbbe348ef25f9ec04'),
    ('Schema/Grants/identity.sql', 'c16b22efa2b6f19d832b4e01bcbd5b014fcac29e15ffaace12658ab4a1d0d130'),
    ('Schema/Grants/join_peer.sql', 'db09394504a4a5e4be8f0860a98fb9f6d5f601f34e43ef63402318d8385e3c67'),
    ('Schema/Grants/node_key.sql', 'a3928b92f127dc452797ce59096cb1e3c3a921a9fb0451227d65dd87372b32ed'),
    ('Schema/Grants/nothing_contested.sql', 'e9f0b1fc848ce220741e5be4ee60fa6b26b49f820b2a9d1aad8c0a56576a61ff'),
    ('Schema/Grants/overwrite_log.sql', 'cd5c8ef45e18c5e5532b333a3c704d86f8097cd23e7ada9179be00faad6632b4'),
    ('Schema/Grants/schema.sql', '22b4f5dfe50ecf37024710c200dd1696629952ee3d8fa4c3d8433f093861ebf3');

insert into trktr.identity (node_id, schema_version, scripts_hash)
values (0, 1, 'd9f053166a704e654f22318c41b74b930b226f7f2a86db34999fd4ba6014b270');
