-- The peer's identity and clock, and the state of the subscription's slot there. Fails with undefined_table when the
-- peer is no longer initialised.
select
    i.node_id,
    i.incarnation,
    clock_timestamp() as clock,
    s.slot_name is not null as has_slot,
    coalesce(s.active, false) as is_active,
    s.wal_status as wal_status,
    -- From PostgreSQL 17 on; the time-out from 18 on.
    to_jsonb(s) ->> 'invalidation_reason' as invalidation_reason,
    case
        when not s.active then extract(epoch from clock_timestamp() - (to_jsonb(s) ->> 'inactive_since')::timestamptz)
    end::double precision as idle_seconds,
    (select nullif(g.setting::double precision, 0) from pg_settings g where g.name = 'idle_replication_slot_timeout')
        as idle_limit_seconds,
    (pg_current_wal_lsn() - s.confirmed_flush_lsn)::bigint as lag_bytes,
    (pg_current_wal_lsn() - s.restart_lsn)::bigint as retained_bytes,
    (s.confirmed_flush_lsn - '0/0')::bigint as confirmed_bytes,
    (pg_current_wal_lsn() - '0/0')::bigint as written_bytes,
    to_regclass('trktr.heartbeat') is not null as sends_heartbeats,
    w.state as sender_state,
    (extract(epoch from w.replay_lag) * 1000)::double precision as replay_lag_ms
from trktr.identity i
left join pg_replication_slots s on s.slot_name = @slot and s.database = current_database()
left join pg_stat_replication w on w.pid = s.active_pid
