-- Ranks under policy node_priority that differ from the NodeID; the smallest goes first. Each node has its own copy, and differences between nodes are reported:
-- a replicated table could itself be in conflict just when it is asked.
create table trktr.node_priority (
    node_id  integer primary key check (node_id between 0 and 32767),
    priority integer not null
);
alter table trktr.replicaset add constraint replicaset_policy_check check (policy in (
    'last_update_wins', 'first_update_wins', 'node_priority', 'keep_local', 'apply_remote', 'manual'));
