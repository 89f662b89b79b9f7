-- The connected server, and whether its database is a node, or has a schema trktr that is not Traktor's.
select
    current_setting('server_version_num')::integer as version_num,
    to_regclass('trktr.identity') is not null
        and to_regclass('trktr.database') is not null
        and to_regclass('trktr.schema_script') is not null as has_identity,
    exists (select from pg_namespace where nspname = 'trktr') as has_schema,
    coalesce(to_regclass('trktr.schema_script'), to_regclass('trktr.identity'), to_regclass('trktr.node')) is not null as is_ours,
    pg_is_in_recovery() as is_standby,
    clock_timestamp() as clock
