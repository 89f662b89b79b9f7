-- Stores what is wanted of a subscription that is being created.
insert into trktr.subscription (inbound_node, incarnation, is_filtered)
values (@inbound, @incarnation, @isFiltered)
on conflict (inbound_node) do update
set incarnation = excluded.incarnation,
    is_filtered = excluded.is_filtered,
    created = clock_timestamp(),
    paused_at = null,
    healing_since = null,
    healing_state = null,
    healing_note = null
