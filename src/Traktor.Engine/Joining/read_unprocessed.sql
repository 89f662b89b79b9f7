-- Whether something of other nodes that was applied on this node, @self, still waits to be processed, or a row to be
-- written. What this node's own sessions changed waits for no copy: it is announced after the snapshot.
select exists (select from trktr.overwrite_log where peer is not null)
    or exists (select from trktr.winner where node_id <> @self)
    or exists (select from trktr.contested_key where is_unapplied or is_unsent)
