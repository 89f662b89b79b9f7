-- Replaces all priorities. Returns how many rows changed.
with deleted as (
    delete from trktr.node_priority
    where node_id <> all (@nodes)
    returning node_id
), now as (
    insert into trktr.node_priority as p (node_id, priority)
    select * from unnest(@nodes::integer[], @ranks::integer[])
    on conflict (node_id) do update
    set priority = excluded.priority
    where p.priority <> excluded.priority
    returning node_id
)
select (select count(*) from deleted) + (select count(*) from now)
