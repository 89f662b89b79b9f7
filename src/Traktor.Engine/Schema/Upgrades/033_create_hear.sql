-- A heartbeat was applied: it is remembered with the transaction that did so, and the session that applies learns how far everybody is, and whose changes it applies.
create function trktr.receive_heartbeat() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into trktr.heartbeat_receipt (node_id, seq, xid, vector, clock)
    values (new.node_id, new.seq, pg_current_xact_id(), new.vector, new.clock)
    on conflict do nothing;
    perform set_config('trktr.stable_xid', coalesce((select h.xid::xid::text from trktr.stable_xid h), '0'), false),
            set_config('trktr.quiet', case when exists (select from trktr.overwrite_log) then '' else 'on' end, false),
            set_config('trktr.peer', new.node_id::text, false),
            set_config('trktr.origin', coalesce((
                select o.roident::text
                from pg_replication_origin o
                join pg_subscription s on o.roname = format('pg_%s', s.oid)
                where s.subname = format('trktr_sub_%s_%s', trktr.node_of(0), new.node_id)), '0'), false);
    return null;
end
$$;
create trigger receive_heartbeat after insert or update on trktr.heartbeat for each row execute function trktr.receive_heartbeat();
alter table trktr.heartbeat enable replica trigger receive_heartbeat
