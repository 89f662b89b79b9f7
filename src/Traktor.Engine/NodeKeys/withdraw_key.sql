-- Takes the key out of this node's announcement. Returns a position that the peers have passed when they have applied
-- that; no row when it was announced without one.
update trktr.node
set public_key = null,
    key_made_at = null
where node_id = @node
  and public_key is not null
returning pg_current_wal_insert_lsn()::text
