-- The oldest heartbeat that every node must acknowledge before a contested key may be deleted, null when there is none;
-- and whether winners of this node, @node, are left, which are in its stream already.
select
    (
        select min(heartbeat_seq)
        from trktr.contested_key
        where not is_unsent
          and (not is_unapplied or is_incomplete)
    ) as oldest,
    exists (select from trktr.winner where node_id = @node) as has_own_winners
