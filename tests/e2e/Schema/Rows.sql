-- A row in each table of ours, as release 0.1 has them.
insert into trktr.node_key (private_key, public_key, system_identifier, database_oid)
values ('\x01', '\x02', 7123456789012345678, 16384);
insert into trktr.node (node_id, arbiter_url, server_version_num, incarnation, public_key, key_made_at)
select n, 'http://node' || n, 180004, gen_random_uuid(), '\x02', now()
from generate_series(0, 1) n;
insert into trktr.account (node_id, kind, name, role, secret_hash, changed_by)
values (0, 'user', 'alice', 'admin', 'hash', 'bob');
insert into trktr.audit (
    node_id, incarnation, seq, at, request_seq, actor_kind, actor, role, channel, action, outcome, previous_hash, hash
)
values (
    0, '6b1f7a52-9d0e-4c7c-8f0e-0d2f6f3c1a55', 1, now(), 1, 'user', 'alice', 'admin', 'console', 'commit', 'done',
    decode(repeat('00', 32), 'hex'), sha256('x'));
insert into trktr.key_use (name, last_used_at)
values ('script', now());
insert into trktr.task (kind, request, actor_kind, actor, role, state, finished_at)
values ('comparison', '{}', 'user', 'alice', 'operator', 'succeeded', now());
insert into trktr.task_item (task_id, name, position)
select id, 'public.item', 1
from trktr.task;
insert into trktr.task_log (task_id, text)
select id, 'Started.'
from trktr.task;
insert into trktr.comparison_table (task_id, schema_name, table_name, nodes, share)
select id, 'public', 'item', '{0,1}', 100
from trktr.task;
insert into trktr.comparison_key (task_id, schema_name, table_name, key, seen, verdict)
select id, 'public', 'item', '{1}', '{"0": null}', 'different'
from trktr.task;
insert into trktr.table_proof (schema_name, table_name, nodes, proven_at, row_count, node_id, task_id)
values ('public', 'item', '{0,1}', now(), 1, 0, 1);
insert into trktr.join_state (task_id, source)
select id, 0
from trktr.task;
insert into trktr.join_peer (task_id, node_id, connection_string, arbiter_url, slot_lsn, applied_lsn)
select id, 1, 'host=nowhere', 'http://node1/', '0/1', '0/2'
from trktr.task;
insert into trktr.join_table (task_id, schema_name, table_name, description)
select id, 'public', 'item', '{}'
from trktr.task;
insert into trktr.join_range (task_id, schema_name, table_name, part, first_page, row_count, worked_ms)
select id, 'public', 'item', 'public.item', 0, 1, 1
from trktr.task;
insert into trktr.subscription (inbound_node, incarnation, healing_since, healing_state)
values (1, gen_random_uuid(), now(), 'awaiting');
insert into trktr.slot_owner (node_id, incarnation, system_identifier, database_oid, public_key, key_made_at)
values (1, gen_random_uuid(), 7123456789012345678, 16384, '\x02', now());
insert into trktr.orphaned_slot (inbound_node, connection_string)
values (2, 'host=nowhere');
insert into trktr.replicaset (schema_name, table_name, state, policy, opening, excluded)
values ('public', 'item', 'committed', 'node_priority', gen_random_uuid(), '{1}');
insert into trktr.subscriber_table (node_id, schema_name, table_name, opening, stage)
values (1, 'public', 'item', gen_random_uuid(), 'able');
insert into trktr.stream_heartbeat (node_id, began, seq)
values (1, 1, 2);
insert into trktr.resync (node_id, schema_name, table_name, reason)
values (1, 'public', 'item', 'excluded');
insert into trktr.marked_subscriber (node_id)
values (1);
insert into trktr.origin_mark (node_id)
values (0);
insert into trktr.truncation (node_id, relations)
values (0, '[["public", "item"]]');
insert into trktr.heartbeat (node_id, seq)
values (0, 7);
insert into trktr.heartbeat_receipt (node_id, seq, xid, vector, clock)
values (1, 7, '900', '{"0": 6}', now());
update trktr.stable_xid
set xid = '899';
insert into trktr.table_file (relation, file, rewritten_from, rewritten_before)
values (16400, 16410, '890', '895');
insert into trktr.history (subscription, peer, lsn, ordinal, relation, conflict_type, key, local_row, resolution, resolved)
values
    ('trktr_sub_0_1', 1, '0/1', 1, 'public.item', 'insert_exists', '{"id": 1}', '{"id": 1}', null, null),
    ('trktr_sub_0_1', 1, '0/2', 1, 'public.item', 'update_missing', '{"id": 2}', null, 'merge', now());
insert into trktr.pending_merge (history_id)
select id
from trktr.history
where resolution = 'merge';
insert into trktr.remote_transaction (subscription, lsn, xid, committed, change_count)
values ('trktr_sub_0_1', '0/1', 700, now(), 1);
insert into trktr.node_priority (node_id, priority)
values (1, -1);
insert into trktr.healing_progress (inbound_node, lsn)
values (1, '0/1');
insert into trktr.overwrite_log (schema_name, table_name, key, operation, old_row, new_row)
values ('public', 'item', '{"id": "1"}', 'U', '{"id": "1"}', '{"id": "1"}');
insert into trktr.contested_key (schema_name, table_name, key, stamp_at, stamp_node, image, heartbeat_seq)
values ('public', 'item', '{"id": "1"}', now(), 1, '{"id": "1"}', 7);
insert into trktr.winner (node_id, seq, schema_name, table_name, key, stamp_at, stamp_node)
values (1, 1, 'public', 'item', '{"id": "1"}', now(), 1);
insert into trktr.set_aside (problem, schema_name, table_name, key, operation, old_incomplete, new_incomplete)
values ('it does not fit', 'public', 'item', '{"id": "x"}', 'U', false, false);
