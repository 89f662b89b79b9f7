-- Deletes processed winners (@nodes with @numbers), and this node's own, which are already in its stream. Each by the
-- primary key: thousands of others may wait. Run it under an origin, so that the deletion is not replicated.
with own as (
    delete from trktr.winner
    where node_id = @node
)
delete from trktr.winner v
using unnest(@nodes::integer[], @numbers::bigint[]) as p (node, seq)
where (v.node_id, v.seq) = (p.node, p.seq)
  and p.node <> @node
