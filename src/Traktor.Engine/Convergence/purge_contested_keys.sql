-- Deletes at most @most contested keys whose winner every node has acknowledged (heartbeat_seq is @received or older)
-- and for which nothing waits. Keys whose complete row no node has sent are kept: up to @limit of them, at random, are
-- returned as JSON.
with complete as (
    select r.ctid as place
    from trktr.contested_key r
    where r.heartbeat_seq <= @received
      and not r.is_unsent
      and not r.is_unapplied
      and not r.is_incomplete
      and not exists (
          select
          from trktr.overwrite_log j
          where hashtextextended(j.key, 0) = hashtextextended(r.key, 0)
            and (j.schema_name, j.table_name, j.key) = (r.schema_name, r.table_name, r.key))
      and not exists (
          select
          from trktr.winner v
          where hashtextextended(v.key, 0) = hashtextextended(r.key, 0)
            and v.node_id <> @node
            and (v.schema_name, v.table_name, v.key) = (r.schema_name, r.table_name, r.key))
    limit @most
), deleted as (
    delete from trktr.contested_key r
    where r.ctid = any (array(select place from complete))
), incomplete as (
    select r.schema_name, r.table_name, r.key
    from trktr.contested_key r
    where r.heartbeat_seq <= @received
      and not r.is_unsent
      and r.is_incomplete
      and not exists (
          select
          from trktr.overwrite_log j
          where hashtextextended(j.key, 0) = hashtextextended(r.key, 0)
            and (j.schema_name, j.table_name, j.key) = (r.schema_name, r.table_name, r.key))
      and not exists (
          select
          from trktr.winner v
          where hashtextextended(v.key, 0) = hashtextextended(r.key, 0)
            and v.node_id <> @node
            and (v.schema_name, v.table_name, v.key) = (r.schema_name, r.table_name, r.key))
    order by random()
    limit @limit
)
select coalesce(json_agg(json_build_array(schema_name, table_name, key)), '[]')::text
from incomplete
