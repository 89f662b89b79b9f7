-- The identity of the connected node; no row when it is not initialised. Run it only if trktr.identity exists.
-- scripts_hash as SchemaScripts.Hash.
select
    i.node_id,
    i.incarnation,
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
