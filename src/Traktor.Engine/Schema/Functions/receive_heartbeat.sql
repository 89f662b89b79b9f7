-- Stores an applied heartbeat with the transaction that applied it, and sets for the session whose changes it applies,
-- the stable xid, and whether the overwrite log is empty.
-- Called by: the trigger receive_heartbeat of trktr.heartbeat, for rows that are applied.
-- Session:   an apply worker's; the healer's.
-- Rights:    the arbiter's (security definer).
-- Settings:  sets trktr.peer and trktr.overwrite_log_empty for the session.
create or replace function trktr.receive_heartbeat() returns trigger
    language plpgsql
    security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    insert into trktr.heartbeat_receipt (node_id, seq, xid, vector, is_urgent, clock)
    values (new.node_id, new.seq, pg_current_xact_id(), new.vector, new.is_urgent, new.clock)
    on conflict do nothing;
    perform
        set_config('trktr.peer', new.node_id::text, false),
        set_config(
            'trktr.overwrite_log_empty',
            case when exists (select from trktr.overwrite_log) then '' else 'on' end,
            false),
        trktr.set_stream_settings();
    return null;
end
$$;
revoke all on function trktr.receive_heartbeat() from public;

create or replace trigger receive_heartbeat
    after insert or update on trktr.heartbeat
    for each row execute function trktr.receive_heartbeat();
alter table trktr.heartbeat enable replica trigger receive_heartbeat;
