-- What the connected server is, and whether its database is one of ours, or has a schema of our name that is not.
select
    current_setting('server_version_num')::integer as version_num,
    to_regclass('trktr.identity') is not null as has_identity,
    exists (select from pg_namespace where nspname = 'trktr') as has_schema,
    pg_is_in_recovery() as is_standby,
    clock_timestamp() as clock
