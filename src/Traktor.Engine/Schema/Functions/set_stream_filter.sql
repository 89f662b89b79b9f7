-- Whether rows that the session applies are kept: 'pass', or 'drop' if the peer may forward transactions. A peer's own
-- mark lets rows pass for the rest of its transaction. Only the server's apply workers ever drop rows, because the
-- arbiter's sessions know what they write.
-- Called by: drop_forwarded, receive_mark.
-- Session:   an apply worker's; once a session.
-- Rights:    the arbiter's (security definer): drop_forwarded calls it as the owner of whatever table a row goes to.
-- Settings:  sets trktr.stream_filter for the session.
create or replace function trktr.set_stream_filter() returns text
    language plpgsql
    security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    return set_config(
        'trktr.stream_filter',
        case
            when exists (
                select
                from pg_stat_subscription w
                join trktr.subscription s
                    on s.inbound_node = substring(w.subname from '^trktr_sub_\d+_(\d+)$')::integer
                where w.pid = pg_backend_pid()
                  and s.is_filtered) then 'drop'
            else 'pass'
        end,
        false);
end
$$;
