-- Moves what waits for a key to trktr.set_aside, each with its stamp, and returns the winners among it, which the
-- applying session then deletes. @node is this node.
with logged as (
    delete from trktr.overwrite_log j
    where (j.schema_name, j.table_name, j.key) = (@schema, @table, @key)
    returning j.*
), waiting as (
    select
        v.node_id,
        v.seq,
        v.stamp_at,
        v.stamp_node,
        v.image,
        v.is_incomplete
    from trktr.winner v
    where (v.schema_name, v.table_name, v.key) = (@schema, @table, @key)
      and v.node_id <> @node
), kept as (
    insert into trktr.set_aside (
        problem, schema_name, table_name, key, operation, old_row, old_at, old_node, old_incomplete, new_row, new_at,
        new_node, new_incomplete, peer)
    select
        @problem, @schema, @table, @key, j.operation::text, j.old_row, j.old_at, j.old_node, j.old_incomplete, j.new_row,
        coalesce(j.new_at, s.timestamp), coalesce(j.new_node, trktr.node_of(s.roident), @node), j.new_incomplete, j.peer
    from logged j,
        pg_xact_commit_timestamp_origin(j.xid::xid) s
    union all
    select
        @problem, @schema, @table, @key, case when w.image is null then 'D' else 'U' end, null, null, null, false,
        w.image, w.stamp_at, w.stamp_node, w.is_incomplete, w.node_id
    from waiting w
)
select node_id, seq
from waiting
