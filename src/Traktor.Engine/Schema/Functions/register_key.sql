-- Keeps the public key of a subscriber's arbiter, by which this node's arbiter knows its calls, if the slot of the
-- subscriber here belongs to the caller's database.
-- Called by: a peer's arbiter when it subscribes, and at each full check. Arbiters of other releases call it too, so
--            its signature and what it returns stay as they are.
-- Session:   the peer's, on this node.
-- Rights:    the arbiter's (security definer), as the owner of the table.
-- Settings:  none.
create or replace function trktr.register_key(
    subscriber        integer,
    incarnation       uuid,
    system_identifier bigint,
    database_oid      oid,
    public_key        bytea,
    made_at           timestamptz
) returns void
    language sql
    security definer
    set search_path = pg_catalog, pg_temp
as $$
    update trktr.slot_owner o
    set public_key = register_key.public_key,
        key_made_at = register_key.made_at
    where o.node_id = register_key.subscriber
      and o.incarnation = register_key.incarnation
      and o.system_identifier = register_key.system_identifier
      and o.database_oid = register_key.database_oid
      and (o.public_key, o.key_made_at) is distinct from (register_key.public_key, register_key.made_at)
$$;
revoke all on function trktr.register_key(integer, uuid, bigint, oid, bytea, timestamptz) from public;
