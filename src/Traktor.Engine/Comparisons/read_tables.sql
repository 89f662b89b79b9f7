-- The tables of comparisons @ids, as a JSON array for each, with the counts of their keys.
select
    t.task_id,
    json_agg(json_build_object(
        'schema', t.schema_name,
        'name', t.table_name,
        'nodes', t.nodes,
        'share', t.share,
        'plan', t.plan,
        'began_at', t.began_at,
        'next_key', t.next_key,
        'is_scanned', t.is_scanned,
        'row_count', t.row_count,
        'finished_at', t.finished_at,
        'problem', t.problem,
        'different', k.different,
        'in_flight', k.in_flight,
        'open', k.open) order by t.schema_name, t.table_name)::text
from trktr.comparison_table t
cross join lateral (
    select
        count(*) filter (where k.verdict = 'different') as different,
        count(*) filter (where k.verdict = 'in_flight') as in_flight,
        count(*) filter (where k.verdict is null) as open
    from trktr.comparison_key k
    where k.task_id = t.task_id
      and k.schema_name = t.schema_name
      and k.table_name = t.table_name) k
where t.task_id = any (@ids)
group by t.task_id
