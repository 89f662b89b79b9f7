-- Whether everything up to journal entry @journal, and of @nodes up to verdicts @numbers, has been looked at, and nothing is due or owed.
select not exists (select from trktr.journal where id <= @journal)
    and not exists (
        select from trktr.verdict v join unnest(@nodes::integer[], @numbers::bigint[]) as last (node, seq) on v.node_id = last.node and v.seq <= last.seq
        where v.node_id < @node or v.node_id > @node)
    and not exists (select from trktr.register where is_owed or is_due and not is_partial)
