-- Stores what is wanted of a subscription that is being created; with @isPaused it does not run before it is resumed.
-- Its stream begins now, with any heartbeat.
with fresh as (
    delete from trktr.stream_heartbeat
    where node_id = @inbound
)
insert into trktr.subscription (inbound_node, incarnation, is_filtered, paused_at)
values (@inbound, @incarnation, @isFiltered, case when @isPaused then clock_timestamp() end)
on conflict (inbound_node) do update
set incarnation = excluded.incarnation,
    is_filtered = excluded.is_filtered,
    created = clock_timestamp(),
    paused_at = excluded.paused_at,
    healing_since = null,
    healing_state = null,
    healing_note = null
