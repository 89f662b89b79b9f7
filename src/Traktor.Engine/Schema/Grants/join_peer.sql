-- The connection strings have passwords. Without a policy only the table's owner, which is the arbiter's role,
-- superusers and roles with BYPASSRLS read them. Members of pg_read_all_data do not.
alter table trktr.join_peer enable row level security;
