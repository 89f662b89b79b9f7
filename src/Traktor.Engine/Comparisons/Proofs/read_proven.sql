-- The tables that comparison @id has proven to be equal on its nodes, or whose differences have all been repaired: a
-- JSON array.
select coalesce(
    json_agg(
        json_build_object(
            'schema', t.schema_name,
            'name', t.table_name,
            'proven_at', t.began_at,
            'rows', t.row_count,
            'resync', t.resync)
        order by t.schema_name, t.table_name),
    '[]')::text
from trktr.comparison_table t
where t.task_id = @id
  and t.is_scanned
  and t.finished_at is not null
  and t.problem is null
  and not exists (
      select
      from trktr.comparison_key k
      where (k.task_id, k.schema_name, k.table_name) = (t.task_id, t.schema_name, t.table_name))
