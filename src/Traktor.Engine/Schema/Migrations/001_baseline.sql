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
