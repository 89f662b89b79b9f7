-- Called by a peer after it dropped its slot here: nothing of it stays behind.
create function trktr.unregister_subscriber(subscriber integer) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    publication text := 'trktr_pub_to_' || subscriber;
begin
    perform pg_advisory_xact_lock(hashtextextended('trktr.replicaset', 0));
    if exists (select from pg_publication where pubname = publication) then
        execute format('drop publication %I', publication);
    end if;
    update trktr.replicaset set excluded = array_remove(excluded, subscriber) where subscriber = any (excluded);
    delete from trktr.subscriber_table where node_id = subscriber;
    delete from trktr.resync where node_id = subscriber;
end
$$;
