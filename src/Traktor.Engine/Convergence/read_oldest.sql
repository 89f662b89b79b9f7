-- The oldest heartbeat that every node must acknowledge before a contested key may be deleted; null when there is none.
select min(heartbeat_seq)
from trktr.contested_key
where not is_unsent
  and (not is_unapplied or is_incomplete)
