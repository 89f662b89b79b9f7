-- Gives a node its identity back: @incarnation as its peers know it, or null for a new one.
insert into trktr.identity (node_id, incarnation, schema_version, pre16_compatibility)
values (@node, coalesce(@incarnation::uuid, gen_random_uuid()), @version, @compatibility)
on conflict do nothing
