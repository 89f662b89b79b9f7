-- The connected server, and the identity of the node on it; no row when trktr.identity has none. Fails with
-- undefined_table where there is no node. is_copy: the node was initialised in another database, or on another server.
select
    current_setting('server_version_num')::integer as version_num,
    pg_is_in_recovery() as is_standby,
    clock_timestamp() as clock,
    i.node_id,
    i.incarnation,
    s.system_identifier,
    d.oid::bigint as database_oid,
    coalesce((o.system_identifier, o.database_oid) <> (s.system_identifier, d.oid), false) as is_copy,
    i.schema_version,
    i.scripts_hash
from trktr.identity i
cross join pg_control_system() s
join pg_database d on d.datname = current_database()
left join trktr.database o on true
