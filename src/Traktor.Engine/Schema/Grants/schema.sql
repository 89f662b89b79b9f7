-- The triggers on users' tables run with the rights of a table's owner, or of the application, and call functions of
-- this schema.
grant usage on schema trktr to public;
