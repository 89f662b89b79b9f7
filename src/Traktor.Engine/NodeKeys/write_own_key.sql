-- Stores a new key pair of this node, where there is none, or in the place of the one with the public key @replaced. It
-- is newer than that one, also when the clock was set back.
insert into trktr.node_key as k (private_key, public_key, system_identifier, database_oid)
select
    @privateKey,
    @publicKey,
    s.system_identifier,
    d.oid
from pg_control_system() s
join pg_database d on d.datname = current_database()
on conflict (singleton) do update
set private_key = excluded.private_key,
    public_key = excluded.public_key,
    made_at = greatest(excluded.made_at, k.made_at + interval '1 microsecond'),
    system_identifier = excluded.system_identifier,
    database_oid = excluded.database_oid
where k.public_key = @replaced::bytea
