-- Who the connected node is; no row when it is not initialised. To be asked only when trktr.identity exists.
select node_id, incarnation, schema_version from trktr.identity
