-- Deletes winners that were processed (@nodes with @numbers), and the own ones, which are in the stream. To be run
-- under an origin: what is deleted here must stay elsewhere.
delete from trktr.winner v
where v.node_id = @node
   or (v.node_id, v.seq) in (select * from unnest(@nodes::integer[], @numbers::bigint[]))
