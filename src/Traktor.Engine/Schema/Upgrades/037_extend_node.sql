-- Whether a node's arbiter runs with Pre16Compatibility = True: here for itself, and told to the mesh, where it has to be the same.
alter table trktr.identity add column pre16_compatibility boolean not null default false;
alter table trktr.node add column pre16_compatibility boolean not null default false;
