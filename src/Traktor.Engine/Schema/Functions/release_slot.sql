-- Drops a subscriber's slot, and everything that this node keeps for the subscriber, if the slot belongs to the
-- caller's database. Returns null when nothing of it is left; otherwise whose the slot is, in words, and changes
-- nothing. Fails with object_in_use while the slot is in use.
-- Called by: a peer's arbiter that no longer needs its slot here. Arbiters of other releases call it too, so its
--            signature and what it returns stay as they are.
-- Session:   the peer's, on this node.
-- Rights:    the arbiter's (security definer), as the owner of the table and the publications.
-- Settings:  none.
create or replace function trktr.release_slot(
    slot              text,
    subscriber        integer,
    incarnation       uuid,
    system_identifier bigint,
    database_oid      oid
) returns text
    language plpgsql
    security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    owner trktr.slot_owner;
begin
    if slot <> (select format('trktr_sub_%s_%s', subscriber, i.node_id) from trktr.identity i) then
        -- The connection string leads to another node by now.
        return null;
    end if;
    -- First, as unregister_subscriber does when an operator calls it at the same time: the other order is a deadlock.
    perform from trktr.node_lock l where l.name = 'replicaset' for update;
    select * into owner
    from trktr.slot_owner o
    where o.node_id = subscriber
    for update;
    if not found then
        -- Perhaps the operator dropped the slot. One that exists without a note is nobody's to drop.
        return (
            select trktr.slot_owner_in_words(null)
            from pg_replication_slots s
            where s.slot_name = slot
              and s.database = current_database());
    end if;
    if (owner.incarnation, owner.system_identifier, owner.database_oid)
        is distinct from (release_slot.incarnation, release_slot.system_identifier, release_slot.database_oid)
    then
        return trktr.slot_owner_in_words(owner);
    end if;
    perform pg_drop_replication_slot(s.slot_name)
    from pg_replication_slots s
    where s.slot_name = slot
      and s.database = current_database();
    perform trktr.unregister_subscriber(subscriber);
    return null;
end
$$;
revoke all on function trktr.release_slot(text, integer, uuid, bigint, oid) from public;
