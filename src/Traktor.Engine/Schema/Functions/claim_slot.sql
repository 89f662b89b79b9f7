-- Notes that a subscriber's slot here belongs to one database, unless it belongs to another, or exists without a note.
-- Returns null when it is noted; otherwise whose the slot is, in words, and changes nothing.
-- Called by: a peer's arbiter before it registers and makes its slot here. Arbiters of other releases call it too, so
--            its signature and what it returns stay as they are.
-- Session:   the peer's, on this node.
-- Rights:    the arbiter's (security definer), as the owner of the table.
-- Settings:  none.
create or replace function trktr.claim_slot(
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
    owner  trktr.slot_owner;
    is_new boolean;
begin
    insert into trktr.slot_owner (node_id, incarnation, system_identifier, database_oid)
    values (subscriber, claim_slot.incarnation, claim_slot.system_identifier, claim_slot.database_oid)
    on conflict (node_id) do nothing;
    is_new := found;
    select * into owner
    from trktr.slot_owner o
    where o.node_id = subscriber
    for update;
    if (owner.incarnation, owner.system_identifier, owner.database_oid)
        is distinct from (claim_slot.incarnation, claim_slot.system_identifier, claim_slot.database_oid)
    then
        return trktr.slot_owner_in_words(owner);
    end if;
    -- Slots of all databases of a server share one name space.
    if exists (
        select
        from pg_replication_slots s
        where s.slot_name = slot
          and (is_new or s.database is distinct from current_database()))
    then
        delete from trktr.slot_owner o
        where is_new
          and o.node_id = subscriber;
        return trktr.slot_owner_in_words(null);
    end if;
    return null;
end
$$;
revoke all on function trktr.claim_slot(text, integer, uuid, bigint, oid) from public;
