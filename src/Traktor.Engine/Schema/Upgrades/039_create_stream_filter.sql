-- Whether what arrives from the peer can be forwarded, and therefore only what is marked as its own is taken.
alter table trktr.subscription add column is_filtered boolean not null default false;

-- The answer for the session lies in trktr.stream: "open" lets rows through, "closed" drops them. A peer's own mark opens it for the rest of its transaction.
-- Only the server's own apply workers are ever closed: the arbiter's sessions know what they write.
create function trktr.judge_stream() returns text
    language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return set_config('trktr.stream', case when exists (
        select from pg_stat_subscription w join trktr.subscription s on s.inbound_node = substring(w.subname from '^trktr_sub_\d+_(\d+)$')::integer
        where w.pid = pg_backend_pid() and s.is_filtered) then 'closed' else 'open' end, false);
end
$$;

create function trktr.receive_mark() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
    peer integer := trktr.stream_peer();
begin
    if peer is null then
        return new;
    end if;
    if new.node_id = peer then
        if coalesce(current_setting('trktr.stream', true), '') = '' then
            perform trktr.judge_stream();
        end if;
        perform set_config('trktr.stream', 'open', true);
    end if;
    return null;
end
$$;
create trigger receive_mark before insert on trktr.origin_mark for each row execute function trktr.receive_mark();
alter table trktr.origin_mark enable replica trigger receive_mark;

-- On each table that arrives in a filtered stream, for replicas, before all other triggers: drops what the peer merely forwards.
create function trktr.drop_forwarded() returns trigger
    language plpgsql
as $$
begin
    if current_setting('trktr.stream', true) = 'open' or coalesce(current_setting('trktr.stream', true), '') = '' and trktr.judge_stream() = 'open' then
        if tg_op = 'DELETE' then
            return old;
        end if;
        return new;
    end if;
    return null;
end
$$;
