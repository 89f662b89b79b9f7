-- The mesh from this node's point of view, as JSON: its members (this node, each node that it receives from, each node
-- that receives from it), and the heartbeats received from them. A node that left is no longer a member and delays
-- nothing; a new node is a member as soon as it has a slot or a subscription.
with members as (
    select i.node_id as node
    from trktr.identity i
    union
    select substring(s.subname from '_(\d+)$')::integer
    from pg_subscription s, trktr.identity i
    where s.subdbid = (select oid from pg_database where datname = current_database())
      and s.subname ~ format('^trktr_sub_%s_\d+$', i.node_id)
    union
    select substring(s.slot_name from '^trktr_sub_(\d+)_')::integer
    from pg_replication_slots s, trktr.identity i
    where s.database = current_database()
      and s.slot_name ~ format('^trktr_sub_\d+_%s$', i.node_id)
)
select json_build_object(
    'members', (select json_agg(node order by node) from members),
    'without_row', (
        select coalesce(json_agg(node order by node), '[]')
        from members m
        where not exists (select from trktr.heartbeat b where b.node_id = m.node)),
    'is_urgent', exists (
        select
        from trktr.heartbeat_receipt h
        where h.is_urgent
          and h.received_at > clock_timestamp() - interval '2 s'),
    'received', (
        select coalesce(
            json_agg(
                json_build_object('node', h.node_id, 'seq', h.seq, 'xid', h.xid::text, 'vector', h.vector)
                order by h.node_id, h.seq),
            '[]')
        from trktr.heartbeat_receipt h))::text
