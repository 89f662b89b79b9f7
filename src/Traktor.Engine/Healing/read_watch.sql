-- Subscriptions that fail, or that the arbiter is healing. Runs ten times a second.
select
    s.oid::bigint as oid,
    o.inbound_node,
    s.subenabled as is_enabled,
    w.pid is not null as is_running,
    coalesce(c.apply_error_count, 0) as errors,
    o.paused_at is not null as is_paused,
    o.healing_state
from trktr.subscription o
join pg_subscription s
    on s.subname = format('trktr_sub_%s_%s', @node, o.inbound_node) and s.subslotname is not null
left join pg_stat_subscription w
    on w.subid = s.oid and w.relid is null and to_jsonb(w) ->> 'leader_pid' is null
left join pg_stat_subscription_stats c on c.subid = s.oid
where s.subdbid = (select oid from pg_database where datname = current_database())
