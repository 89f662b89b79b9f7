-- A session that applies has to know whose changes these are, under which origin, and how far everybody is. It used to learn that from the first heartbeat in its stream, up to a second of writing after its start,
-- and until then looked at every row as if it were contested. Now the first row tells it. To be taken from there is what was heard, and what this peer said of itself came in this very stream before.
-- No origin has the greatest number: a session that is nobody's stream knows none.
create function trktr.know_stream() returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config('trktr.stable_xid', coalesce((select h.xid::xid::text from trktr.stable_xid h), '0'), false),
            set_config('trktr.origin', coalesce((
                select o.roident::text
                from pg_replication_origin o
                join pg_subscription s on o.roname = format('pg_%s', s.oid)
                where s.subname = format('trktr_sub_%s_%s', trktr.node_of(0), trktr.stream_peer())), '4294967295'), false);
end
$$;
create or replace function trktr.receive_heartbeat() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into trktr.heartbeat_receipt (node_id, seq, xid, vector, clock)
    values (new.node_id, new.seq, pg_current_xact_id(), new.vector, new.clock)
    on conflict do nothing;
    perform set_config('trktr.peer', new.node_id::text, false),
            set_config('trktr.quiet', case when exists (select from trktr.overwrite_log) then '' else 'on' end, false),
            trktr.know_stream();
    return null;
end
$$
