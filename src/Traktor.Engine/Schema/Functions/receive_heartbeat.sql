-- Stores an applied heartbeat with the transaction that applied it, and sets for the session whose changes it
-- applies, the stable xid, and whether the overwrite log is empty. A node's heartbeats are numbered one after the
-- other, and each is a transaction of its stream: where another one than the next comes, a part of the stream is
-- missing. The receiver or the sender was restored, or a standby was promoted that had not received everything. The
-- first gap is kept; the arbiter then stops the subscription.
-- Called by: the trigger receive_heartbeat of trktr.heartbeat, for rows that are applied.
-- Session:   an apply worker's; the healer's.
-- Rights:    the arbiter's (security definer).
-- Settings:  sets trktr.peer and trktr.overwrite_log_empty for the session.
create or replace function trktr.receive_heartbeat() returns trigger
    language plpgsql
    security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    last trktr.stream_heartbeat;
begin
    select * into last
    from trktr.stream_heartbeat s
    where s.node_id = new.node_id;
    if last.began = new.began and last.gap_at is null and new.seq <> last.seq + 1 then
        update trktr.stream_heartbeat
        set gap_from = seq,
            gap_to = new.seq,
            gap_at = clock_timestamp(),
            seq = new.seq
        where node_id = new.node_id;
        perform trktr.mark_resync(new.node_id, 'gap');
    elsif last.node_id is not null then
        update trktr.stream_heartbeat
        set began = new.began,
            seq = new.seq
        where node_id = new.node_id;
    else
        insert into trktr.stream_heartbeat (node_id, began, seq)
        values (new.node_id, new.began, new.seq)
        on conflict do nothing;
    end if;
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
