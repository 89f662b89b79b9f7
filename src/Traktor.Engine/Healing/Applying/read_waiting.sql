-- The conflicts of the transaction being applied that wait for a decision by hand, whole, to be written again after it
-- was rolled back.
select to_jsonb(h)::text
from trktr.history h
where h.subscription = @name
  and h.lsn = @lsn::pg_lsn
  and h.resolved is null
  and h.conflict_type <> 'apply_error'
order by h.ordinal
