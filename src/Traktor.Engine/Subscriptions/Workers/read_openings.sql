-- The tables that the connected publisher is opening, and what subscriber @subscriber last reported of each.
select
    r.schema_name as schema,
    r.table_name as name,
    r.opening as id,
    t.stage,
    t.reason
from trktr.replicaset r
left join trktr.subscriber_table t
    on t.node_id = @subscriber
    and t.schema_name = r.schema_name
    and t.table_name = r.table_name
    and t.opening = r.opening
where r.opening is not null
