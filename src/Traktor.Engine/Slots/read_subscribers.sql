-- The subscribers of this node, from its replication slots, and whether their servers and arbiters are connected. Any
-- version from 15.
select
    substring(s.slot_name from '^trktr_sub_(\d+)_')::integer as node,
    s.slot_name as slot,
    s.active as is_active,
    exists (
        select
        from pg_stat_activity a
        where a.datname = current_database()
          and a.application_name = s.slot_name || '_worker') as has_arbiter,
    (pg_current_wal_lsn() - s.restart_lsn)::bigint as wal_retained_bytes,
    (pg_current_wal_lsn() - s.confirmed_flush_lsn)::bigint as lag_bytes,
    case
        when w.state = 'streaming' then coalesce(extract(epoch from w.replay_lag) * 1000, 0)
        else extract(epoch from w.replay_lag) * 1000
    end::double precision as lag_ms
from pg_replication_slots s
left join pg_stat_replication w on w.pid = s.active_pid
where s.database = current_database()
  and s.slot_name ~ format('^trktr_sub_\d+_%s$', @node)
order by 1
