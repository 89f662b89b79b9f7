-- Whether everything up to entry @overwrites of the overwrite log, and of @nodes up to winners @numbers, was processed,
-- and nothing is unapplied or unsent.
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
