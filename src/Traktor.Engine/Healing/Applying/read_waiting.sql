-- The conflicts of the current transaction that need a decision, complete, so that they can be written again after the
-- rollback.
select to_jsonb(h)::text
from trktr.history h
where h.subscription = @name
  and h.lsn = @lsn::pg_lsn
  and h.resolved is null
  and h.conflict_type <> 'apply_error'
order by h.ordinal
