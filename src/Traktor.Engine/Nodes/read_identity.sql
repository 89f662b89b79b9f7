-- The identity of the connected node; no row when it is not initialised. Run it only if trktr.identity exists.
-- scripts_hash as SchemaScripts.Hash. is_copy: the node was initialised in another database, or on another server.
select
    i.node_id,
    i.incarnation,
    s.system_identifier,
    d.oid::bigint as database_oid,
    coalesce((o.system_identifier, o.database_oid) <> (s.system_identifier, d.oid), false) as is_copy,
    i.schema_version,
    (
        select encode(
            sha256(
                convert_to(
                    string_agg(s.path || ' ' || s.hash, E'\n' order by s.path collate "C"),
                    'UTF8')),
            'hex')
        from trktr.schema_script s
    ) as scripts_hash
from trktr.identity i
cross join pg_control_system() s
join pg_database d on d.datname = current_database()
left join trktr.database o on true
