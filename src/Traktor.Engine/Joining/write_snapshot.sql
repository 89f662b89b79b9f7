-- Notes the source's snapshot for the join of task @task: its name, how far the source had applied the changes of
-- @nodes (pairs with @lsns), and the tables that are copied.
with state as (
    update trktr.join_state
    set snapshot = @snapshot
    where task_id = @task
), applied as (
    update trktr.join_peer p
    set applied_lsn = w.lsn::pg_lsn
    from unnest(@nodes::integer[], @lsns::text[]) as w (node, lsn)
    where p.task_id = @task
      and p.node_id = w.node
)
insert into trktr.join_table (task_id, schema_name, table_name, description)
select @task, t ->> 'schema', t ->> 'name', t
from jsonb_array_elements(@tables::jsonb) t
