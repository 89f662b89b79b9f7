-- This database's subscriptions that Traktor created, with their state and the operator's settings. Any version from
-- 15.
select
    s.oid as oid,
    s.subname as name,
    s.subenabled as is_enabled,
    s.subconninfo as connection_string,
    s.subslotname as slot_name,
    coalesce(c.apply_error_count, 0) as apply_errors,
    o.paused_at,
    o.healing_state,
    o.healing_note,
    o.incarnation,
    coalesce(o.is_filtered, false) as is_filtered,
    b.seq as heartbeat_seq,
    b.clock as heartbeat_clock,
    b.received_at as heartbeat_received_at,
    (extract(epoch from clock_timestamp() - b.received_at) * 1000)::double precision as heartbeat_age_ms,
    g.gap_from,
    g.gap_to,
    g.gap_at,
    (
        select (r.remote_lsn - '0/0')::bigint
        from pg_replication_origin_status r
        where r.external_id = 'pg_' || s.oid
    ) as received_bytes,
    (
        select count(*)
        from pg_subscription_rel r
        join pg_class t on t.oid = r.srrelid
        where r.srsubid = s.oid
          and t.relnamespace <> 'trktr'::regnamespace
    )::integer as tables,
    s.subenabled
        and not exists (select from pg_stat_subscription w where w.subid = s.oid and w.pid is not null)
        and (select count(*) from pg_stat_subscription w where w.pid is not null)
            >= current_setting('max_logical_replication_workers')::integer as lacks_worker,
    s.subdisableonerr as is_disabled_on_error,
    nullif(
        concat_ws(
            ', ',
            case when to_jsonb(s) ->> 'suborigin' <> 'none' then 'origin = none' end,
            case when s.subdisableonerr then 'disable_on_error = false' end,
            case when to_jsonb(s) ->> 'substream' not in ('f', 'false') then 'streaming = off' end,
            case when s.subbinary then 'binary = false' end,
            case when to_jsonb(s) ->> 'subrunasowner' = 'true' then 'run_as_owner = false' end),
        '') as changed_options
from pg_subscription s
left join pg_stat_subscription_stats c on c.subid = s.oid
left join lateral (
    select h.seq, h.clock, h.received_at
    from trktr.heartbeat_receipt h
    where h.node_id = substring(s.subname from '_(\d+)$')::integer
    order by h.seq desc
    limit 1
) b on true
left join trktr.stream_heartbeat g on g.node_id = substring(s.subname from '_(\d+)$')::integer
left join trktr.subscription o on s.subname = format('trktr_sub_%s_%s', @node, o.inbound_node)
where s.subdbid = (select oid from pg_database where datname = current_database())
  and s.subname ~ format('^trktr_sub_%s_\d+$', @node)
