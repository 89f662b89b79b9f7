-- The node whose stream the session applies; null in every other session. Looked up once for each session.
-- Called by: log_overwrite, set_stream_settings, receive_mark, receive_truncation.
-- Session:   an apply worker's; the healer's, which sets trktr.peer itself.
-- Rights:    the arbiter's (security definer): the triggers call it as the owner of whatever table a row goes to.
-- Settings:  reads trktr.peer; sets it for the session.
create or replace function trktr.stream_peer() returns integer
    language plpgsql
    security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    peer text := coalesce(current_setting('trktr.peer', true), '');
begin
    if peer = '' then
        peer := coalesce(
            (
                select substring(subname from '^trktr_sub_\d+_(\d+)$')
                from pg_stat_subscription
                where pid = pg_backend_pid()
            ),
            'none');
        perform set_config('trktr.peer', peer, false);
    end if;
    return nullif(peer, 'none')::integer;
end
$$;
