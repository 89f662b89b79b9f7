-- Records a decision on a waiting conflict; no row if it no longer waits.
update trktr.history h
set decision = @decision,
    merged_row = @row::jsonb,
    decided_by = @by,
    decided_at = clock_timestamp()
where h.id = @id
  and h.resolved is null
  and h.decision is null
returning to_json(h)::text
