-- Deletes processed winners (@nodes with @numbers), and this node's own, which are already in its stream. Run it under
-- an origin, so that the deletion is not replicated.
delete from trktr.winner v
where v.node_id = @node
   or (v.node_id, v.seq) in (select * from unnest(@nodes::integer[], @numbers::bigint[]))
