-- Whether the overwrite log up to entry @overwrites and the winners of @nodes up to @numbers are processed, and nothing
-- is unapplied or unsent.
select
    not exists (select from trktr.overwrite_log where id <= @overwrites)
    and not exists (
        select
        from trktr.winner v
        join unnest(@nodes::integer[], @numbers::bigint[]) as last (node, seq)
            on v.node_id = last.node and v.seq <= last.seq
        where v.node_id < @node
           or v.node_id > @node)
    and not exists (select from trktr.contested_key where is_unsent or is_unapplied and not is_incomplete)
