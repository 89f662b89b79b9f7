-- The tables of which node @node may lack rows of the connected node: a JSON array.
select coalesce(
    json_agg(
        json_build_object(
            'schema', y.schema_name,
            'name', y.table_name,
            'mark', json_build_object('id', y.id, 'node', y.node_id, 'reason', y.reason, 'since', y.since))
        order by y.schema_name, y.table_name),
    '[]')::text
from trktr.resync y
join trktr.replicaset r on (r.schema_name, r.table_name) = (y.schema_name, y.table_name)
where y.node_id = @node
