-- Whose a slot is, for an arbiter's sentence "it belongs to ...". Null: nobody noted whose it is.
-- Called by: claim_slot, release_slot.
-- Session:   the peer's, on this node.
-- Rights:    the caller's.
-- Settings:  none.
create or replace function trktr.slot_owner_in_words(owner trktr.slot_owner) returns text
    language sql
    set search_path = pg_catalog, pg_temp
as $$
    select case
        when owner.node_id is null then 'a database that is not known'
        else format(
            'another database that is node %s (oid %s, of the server with system identifier %s), which subscribed at %s',
            owner.node_id,
            owner.database_oid,
            owner.system_identifier,
            to_char(owner.since at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'))
    end
$$;
revoke all on function trktr.slot_owner_in_words(trktr.slot_owner) from public;
