-- Receives a mark: the peer's own lets the rest of its transaction pass. Received marks are not stored.
-- Called by: the trigger receive_mark of trktr.origin_mark, for rows that are applied.
-- Session:   an apply worker's; the healer's.
-- Rights:    the session's.
-- Settings:  reads trktr.stream_filter; sets it for the transaction.
create or replace function trktr.receive_mark() returns trigger
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
declare
    peer integer := trktr.stream_peer();
begin
    if peer is null then
        return new;
    end if;
    if new.node_id = peer then
        if coalesce(current_setting('trktr.stream_filter', true), '') = '' then
            perform trktr.set_stream_filter();
        end if;
        perform set_config('trktr.stream_filter', 'pass', true);
    end if;
    return null;
end
$$;

create or replace trigger receive_mark
    before insert on trktr.origin_mark
    for each row execute function trktr.receive_mark();
alter table trktr.origin_mark enable replica trigger receive_mark;
