-- Without a policy only the table's owner, which is the arbiter's role, superusers and roles with BYPASSRLS read the
-- private key. Members of pg_read_all_data do not.
alter table trktr.node_key enable row level security;
