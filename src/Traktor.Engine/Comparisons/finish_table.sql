-- Notes that a table of comparison @id is done. Where no key is left, and there was no problem, it is proven to have
-- been equal when the comparison began with it.
with finished as (
    update trktr.comparison_table
    set finished_at = clock_timestamp(),
        problem = @problem
    where task_id = @id
      and schema_name = @schema
      and table_name = @name
    returning *
)
insert into trktr.table_proof as p (schema_name, table_name, nodes, proven_at, row_count, task_id)
select f.schema_name, f.table_name, f.nodes, f.began_at, f.row_count, f.task_id
from finished f
where @problem::text is null
  and not exists (
      select
      from trktr.comparison_key k
      where k.task_id = f.task_id
        and k.schema_name = f.schema_name
        and k.table_name = f.table_name)
on conflict (schema_name, table_name, nodes) do update
set proven_at = excluded.proven_at,
    row_count = excluded.row_count,
    task_id = excluded.task_id
where excluded.proven_at >= p.proven_at
