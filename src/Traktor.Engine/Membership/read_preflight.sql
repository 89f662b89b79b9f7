-- The settings and privileges that replication needs, and how much of them is in use. Any version from 15; 15 has no
-- pg_create_subscription.
with role as (
    select r.oid, r.rolname, r.rolsuper, r.rolreplication
    from pg_roles r
    where r.rolname = current_user
), defaults as (
    select c.setting
    from role
    join pg_db_role_setting s on s.setrole in (0, role.oid)
    cross join unnest(s.setconfig) as c (setting)
    where s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
)
select
    current_setting('server_version_num')::integer as version_num,
    current_setting('server_version') as version_text,
    current_setting('server_encoding') as encoding,
    current_setting('wal_level') as wal_level,
    current_setting('max_replication_slots')::integer as max_replication_slots,
    (select count(*) from pg_replication_slots)::integer as used_slots,
    current_setting('max_wal_senders')::integer as max_wal_senders,
    (select count(*) from pg_stat_replication)::integer as used_senders,
    current_setting('max_logical_replication_workers')::integer as max_logical_workers,
    current_setting('max_worker_processes')::integer as max_worker_processes,
    (select count(*) from pg_subscription)::integer as subscriptions,
    current_setting('track_commit_timestamp')::boolean as track_commit_timestamp,
    current_setting('max_active_replication_origins', true)::integer as max_origins,
    (select setting::integer from pg_settings where name = 'wal_retrieve_retry_interval') as wal_retrieve_retry_ms,
    (select count(*) from pg_replication_origin)::integer as used_origins,
    pg_is_in_recovery() as is_standby,
    role.rolname as role,
    role.rolsuper as is_superuser,
    (
        select min(substring(d.setting from '^role=(.*)$'))
        from defaults d
        where d.setting ~ '^role='
          and d.setting <> 'role=none'
    ) as default_role,
    exists (select from defaults d where d.setting = 'default_transaction_read_only=on') as is_read_only_by_default,
    role.rolsuper or role.rolreplication as can_replicate,
    role.rolsuper or has_database_privilege(current_database(), 'create') as can_create,
    role.rolsuper
        or coalesce(
            pg_has_role(role.oid, (select oid from pg_roles where rolname = 'pg_create_subscription'), 'usage'),
            false) as can_subscribe,
    role.rolsuper
        or pg_has_role(role.oid, (select oid from pg_roles where rolname = 'pg_read_all_stats'), 'usage')
        as can_read_stats,
    role.rolsuper or has_table_privilege('pg_subscription', 'select') as can_read_subscriptions,
    role.rolsuper
        or has_table_privilege('pg_replication_origin_status', 'select')
            and (
                select bool_and(has_function_privilege(p.oid, 'execute'))
                from pg_proc p
                where p.pronamespace = 'pg_catalog'::regnamespace
                  and (p.proname ~ '^pg_replication_origin_' or p.proname = 'pg_show_replication_origin_status')
            ) as can_use_origins,
    role.rolsuper or has_parameter_privilege('session_replication_role', 'set') as can_set_role,
    concat_ws(
        ', ',
        case when current_setting('log_statement') in ('mod', 'all') then 'log_statement = ' || current_setting('log_statement') end,
        (
            select string_agg(format('%s = %s', s.name, current_setting(s.name)), ', ' order by s.name)
            from pg_settings s
            where s.name in ('log_min_duration_statement', 'log_min_duration_sample')
              and s.setting::bigint >= 0
        ),
        case
            when current_setting('log_transaction_sample_rate')::float > 0
            then 'log_transaction_sample_rate = ' || current_setting('log_transaction_sample_rate')
        end) as logging,
    role.rolsuper
        or current_setting('log_parameter_max_length') = '0'
        or has_parameter_privilege('log_parameter_max_length', 'set') as can_hide_parameters
from role
