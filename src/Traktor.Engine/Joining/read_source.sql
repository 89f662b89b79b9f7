-- The connected node as one that rows are copied from, as JSON: the nodes that it is linked with, and its replicaset.
-- Any version from 15.
select json_build_object(
    'encoding', current_setting('server_encoding'),
    'can_read', (
        select bool_and(has_table_privilege(t.name, 'select'))
        from unnest(array['trktr.node', 'trktr.account', 'trktr.audit', 'trktr.contested_key']) as t (name)),
    'peers', (
        select coalesce(json_agg(json_build_object(
            'node', substring(s.subname from '_(\d+)$')::integer,
            'connection_string', s.subconninfo) order by s.subname), '[]')
        from pg_subscription s
        where s.subdbid = (select oid from pg_database where datname = current_database())
          and s.subname ~ format('^trktr_sub_%s_\d+$', i.node_id)),
    'sends_to', (
        select coalesce(json_agg(substring(r.slot_name from '^trktr_sub_(\d+)_')::integer order by r.slot_name), '[]')
        from pg_replication_slots r
        where r.database = current_database()
          and r.slot_name ~ format('^trktr_sub_\d+_%s$', i.node_id)),
    'unsettled', (
        select coalesce(json_agg(format('%I.%I', r.schema_name, r.table_name)), '[]')
        from trktr.replicaset r
        where r.state <> 'committed'
           or r.opening is not null),
    'lacking', (
        select coalesce(json_agg(format('%I.%I', y.schema_name, y.table_name)), '[]')
        from trktr.resync y),
    'tables', (
        select coalesce(json_agg(json_build_object('schema', r.schema_name, 'name', r.table_name)
            order by r.schema_name, r.table_name), '[]')
        from trktr.replicaset r))::text
from trktr.identity i
