-- The triggers on users' tables read this node's number.
grant select (node_id) on trktr.identity to public;
