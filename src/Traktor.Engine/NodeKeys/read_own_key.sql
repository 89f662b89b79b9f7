-- This node's key pair; no row when it has none. The private key only when the public one is not @known.
-- is_of_this_database: false in a copy of the database for which it was made.
select
    case when k.public_key is distinct from @known::bytea then k.private_key end as private_key,
    k.public_key,
    (k.system_identifier, k.database_oid) = (s.system_identifier, d.oid) as is_of_this_database
from trktr.node_key k
cross join pg_control_system() s
join pg_database d on d.datname = current_database()
