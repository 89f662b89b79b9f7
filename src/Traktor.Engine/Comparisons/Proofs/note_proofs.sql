-- Notes that tables were proven to be equal on some nodes, and closes the records that peers may lack rows of them.
-- What is known of a later time stays.
with proven as (
    select *
    from unnest(@schemas::text[], @names::text[], @times::timestamptz[], @rows::bigint[])
        as p (schema_name, table_name, proven_at, row_count)
), closed as (
    delete from trktr.resync y
    where y.id = any (@resync)
      and y.node_id = any (@nodes)
      and exists (
          select
          from proven p
          where (p.schema_name, p.table_name) = (y.schema_name, y.table_name))
)
insert into trktr.table_proof as f (schema_name, table_name, nodes, proven_at, row_count, node_id, task_id)
select p.schema_name, p.table_name, @nodes, p.proven_at, p.row_count, @node, @comparison
from proven p
on conflict (schema_name, table_name, nodes) do update
set proven_at = excluded.proven_at,
    row_count = excluded.row_count,
    node_id = excluded.node_id,
    task_id = excluded.task_id
where excluded.proven_at >= f.proven_at
