-- Sets for the session the stable xid and the replication origin under which it applies, at the first overwritten row
-- and again at each heartbeat in the stream. The stored stable xid may be used at once, because this peer's reports
-- came earlier in the same stream. No origin has the greatest number, so that a session that applies no stream matches
-- none.
-- Called by: log_overwrite, receive_heartbeat.
-- Session:   an apply worker's; the healer's.
-- Rights:    the arbiter's (security definer): log_overwrite calls it as the owner of whatever table a row goes to.
-- Settings:  sets trktr.stable_xid and trktr.origin for the session.
create or replace function trktr.set_stream_settings() returns void
    language plpgsql
    security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform
        set_config('trktr.stable_xid', coalesce((select h.xid::xid::text from trktr.stable_xid h), '0'), false),
        set_config(
            'trktr.origin',
            coalesce(
                (
                    select o.roident::text
                    from pg_replication_origin o
                    join pg_subscription s on o.roname = format('pg_%s', s.oid)
                    where s.subname = format('trktr_sub_%s_%s', trktr.node_of(0), trktr.stream_peer())
                ),
                '4294967295'),
            false);
end
$$;
