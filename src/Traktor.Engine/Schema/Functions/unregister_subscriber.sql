-- Removes everything that this node keeps for a subscriber.
-- Called by: release_slot; this node's arbiter when the node is uninitialised; an operator, as the messages about a
--            slot that is left say. Its signature stays as it is.
-- Session:   the peer's, on this node; the arbiter's; the operator's.
-- Rights:    the arbiter's (security definer), as the owner of the publications.
-- Settings:  none.
create or replace function trktr.unregister_subscriber(subscriber integer) returns void
    language plpgsql
    security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    publication text := 'trktr_pub_to_' || subscriber;
begin
    perform from trktr.node_lock l where l.name = 'replicaset' for update;
    if exists (select from pg_publication where pubname = publication) then
        execute format('drop publication %I', publication);
    end if;
    update trktr.replicaset
    set excluded = array_remove(excluded, subscriber)
    where subscriber = any (excluded);
    delete from trktr.subscriber_table where node_id = subscriber;
    delete from trktr.resync where node_id = subscriber;
    delete from trktr.marked_subscriber where node_id = subscriber;
    delete from trktr.slot_owner where node_id = subscriber;
end
$$;
revoke all on function trktr.unregister_subscriber(integer) from public;
