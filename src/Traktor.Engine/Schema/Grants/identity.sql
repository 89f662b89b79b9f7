-- The triggers on users' tables read this node's NodeID.
grant select (node_id) on trktr.identity to public;
