-- Deletes what this node, @self, has of other nodes in Traktor's own tables. The audit log keeps what it has.
with node as (
    delete from trktr.node
    where node_id <> @self
), account as (
    delete from trktr.account
    where node_id <> @self
)
delete from trktr.contested_key
