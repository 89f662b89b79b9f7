-- Makes a node, or gives it its identity back: @incarnation as its peers know it, or null for a new one.
insert into trktr.identity (node_id, incarnation, schema_version, scripts_hash, pre16_compatibility)
values (@node, coalesce(@incarnation::uuid, gen_random_uuid()), @version, @scripts, @compatibility)
on conflict do nothing
