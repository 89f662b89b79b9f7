-- The tables hold connection strings; functions are executable by everybody unless this is said.
revoke all on function trktr.register_subscriber(integer), trktr.unregister_subscriber(integer) from public;
