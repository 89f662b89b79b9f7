-- Creates the publication of one subscriber. It can then be sent tables that other peers are not ready for, and starts
-- with all tables that were opened without another peer. It publishes what trktr_pub publishes: not TRUNCATE where
-- transactions are marked. The subscriber receives what is written from now on: every open table that ever had rows, or
-- that it was known to lack some of, needs a resync.
-- Called by: a peer's arbiter before it makes its slot here. Arbiters of other releases call it too, so its signature
--            and what it returns stay as they are.
-- Session:   the peer's, on this node.
-- Rights:    the arbiter's (security definer), as the owner of the publications.
-- Settings:  none.
create or replace function trktr.register_subscriber(subscriber integer) returns void
    language plpgsql
    security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    publication text := 'trktr_pub_to_' || subscriber;
    ahead       record;
begin
    if subscriber not between 0 and 32767 then
        raise exception 'not a node id: %', subscriber using errcode = 'invalid_parameter_value';
    end if;
    perform from trktr.node_lock l where l.name = 'replicaset' for update;
    if exists (select from pg_publication where pubname = publication) then
        execute format('drop publication %I', publication);
    end if;
    execute format(
        'create publication %I with (publish_via_partition_root = true, publish = %L)',
        publication,
        (
            select concat('insert, update, delete', case when pubtruncate then ', truncate' end)
            from pg_publication
            where pubname = 'trktr_pub'
        ));
    for ahead in
        select r.schema_name, r.table_name
        from trktr.replicaset r
        join pg_namespace n on n.nspname = r.schema_name
        join pg_class c on c.relnamespace = n.oid and c.relname = r.table_name
        where r.state <> 'pending-add'
          and exists (
              select
              from pg_publication_rel pr
              join pg_publication p on p.oid = pr.prpubid
              where pr.prrelid = c.oid
                and p.pubname ~ '^trktr_pub_to_\d+$'
                and pr.prqual is null)
          and not exists (
              select
              from pg_publication_rel pr
              join pg_publication p on p.oid = pr.prpubid
              where pr.prrelid = c.oid
                and p.pubname = 'trktr_pub')
    loop
        execute format('alter publication %I add table %I.%I', publication, ahead.schema_name, ahead.table_name);
    end loop;
    delete from trktr.subscriber_table where node_id = subscriber;
    perform trktr.mark_resync(subscriber, 'subscribed');
    delete from trktr.marked_subscriber where node_id = subscriber;
end
$$;
revoke all on function trktr.register_subscriber(integer) from public;
