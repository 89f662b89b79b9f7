-- Records that the arbiter disables a subscription, unless an operator paused or disabled it: then it returns no row.
-- With @isRepeating it tries again what has failed several times, and still says why.
update trktr.subscription o
set healing_since = coalesce(o.healing_since, clock_timestamp()),
    healing_state = case when @isRepeating then o.healing_state else 'healing' end,
    healing_note = case when @isRepeating then o.healing_note end
from pg_subscription s
where o.inbound_node = @inbound
  and o.paused_at is null
  and s.oid = @subscription
  and (s.subenabled or o.healing_since is not null)
returning s.subenabled
