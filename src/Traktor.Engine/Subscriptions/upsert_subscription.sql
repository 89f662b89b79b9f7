-- What is wanted of a subscription that is being made.
insert into trktr.subscription (inbound_node, incarnation)
values (@inbound, @incarnation)
on conflict (inbound_node) do update set incarnation = excluded.incarnation, created = clock_timestamp(), paused_at = null, healing_since = null, healing_state = null, healing_note = null
