-- The connected node's policies: one JSON object with the policy of each table of its replicaset, and the priorities
-- that are set.
select json_build_object(
    'tables', coalesce(
        (
            select json_agg(
                json_build_object('schema', schema_name, 'name', table_name, 'policy', policy)
                order by schema_name, table_name)
            from trktr.replicaset
        ),
        '[]'),
    'priorities', coalesce(
        (
            select json_agg(json_build_object('node', node_id, 'priority', priority) order by node_id)
            from trktr.node_priority
        ),
        '[]'))::text
