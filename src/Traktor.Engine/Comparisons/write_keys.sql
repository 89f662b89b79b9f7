-- Notes what another reading of keys of comparison @id has shown: those that are @equal are deleted, and the @others (a
-- JSON array) get what was seen.
with deleted as (
    delete from trktr.comparison_key
    where task_id = @id
      and id = any (@equal)
)
update trktr.comparison_key k
set seen = o.seen,
    confirmed = o.confirmed,
    verdict = o.verdict
from jsonb_to_recordset(@others::jsonb) as o (id bigint, seen jsonb, confirmed integer, verdict text)
where k.task_id = @id
  and k.id = o.id
