-- Records that the arbiter disables a subscription, unless an operator paused or disabled it: then it returns no row.
update trktr.subscription o
set healing_since = coalesce(o.healing_since, clock_timestamp()),
    healing_state = 'healing',
    healing_note = null
from pg_subscription s
where o.inbound_node = @inbound
  and o.paused_at is null
  and s.oid = @subscription
  and (s.subenabled or o.healing_since is not null)
returning s.subenabled
