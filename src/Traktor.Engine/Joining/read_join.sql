-- The join of task @task, as JSON; no row when it is over.
select json_build_object(
    'source', j.source,
    'phase', j.phase,
    'snapshot', j.snapshot,
    'comparison', j.comparison,
    'peers', (
        select json_agg(json_build_object(
            'node', p.node_id,
            'connection_string', p.connection_string,
            'url', p.arbiter_url,
            'slot_lsn', p.slot_lsn,
            'applied_lsn', p.applied_lsn) order by p.node_id)
        from trktr.join_peer p
        where p.task_id = j.task_id))::text
from trktr.join_state j
where j.task_id = @task
