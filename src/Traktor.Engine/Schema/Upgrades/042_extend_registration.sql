-- A publication for one subscriber publishes what the common one does: TRUNCATE not, where transactions are marked.
create or replace function trktr.register_subscriber(subscriber integer) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    publication text := 'trktr_pub_to_' || subscriber;
    ahead       record;
begin
    if subscriber not between 0 and 32767 then
        raise exception 'not a node id: %', subscriber using errcode = 'invalid_parameter_value';
    end if;
    perform pg_advisory_xact_lock(hashtextextended('trktr.replicaset', 0));
    if exists (select from pg_publication where pubname = publication) then
        execute format('drop publication %I', publication);
    end if;
    execute format(
        'create publication %I with (publish_via_partition_root = true, publish = %L)', publication,
        (select concat('insert, update, delete', case when pubtruncate then ', truncate' end) from pg_publication where pubname = 'trktr_pub'));
    for ahead in
        select r.schema_name, r.table_name
        from trktr.replicaset r
        join pg_namespace n on n.nspname = r.schema_name
        join pg_class c on c.relnamespace = n.oid and c.relname = r.table_name
        where r.state <> 'pending-add'
          and exists (select from pg_publication_rel pr join pg_publication p on p.oid = pr.prpubid
                      where pr.prrelid = c.oid and p.pubname ~ '^trktr_pub_to_\d+$' and pr.prqual is null)
          and not exists (select from pg_publication_rel pr join pg_publication p on p.oid = pr.prpubid
                          where pr.prrelid = c.oid and p.pubname = 'trktr_pub')
    loop
        execute format('alter publication %I add table %I.%I', publication, ahead.schema_name, ahead.table_name);
    end loop;
    delete from trktr.subscriber_table where node_id = subscriber;
    delete from trktr.resync where node_id = subscriber;
    delete from trktr.marked_subscriber where node_id = subscriber;
end
$$;

create or replace function trktr.unregister_subscriber(subscriber integer) returns void
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
    delete from trktr.marked_subscriber where node_id = subscriber;
end
$$;

-- Called by a peer before it makes its slot here, when one of the two runs PostgreSQL 15: from then on this node marks its transactions for as long as that peer receives.
-- Null when all are marked already; else 'off' when the arbiter here runs with Pre16Compatibility = False, 'pending' when the triggers are still being made.
-- A trigger is made only when every transaction that wrote its table before has ended, so that none without a mark can follow.
create function trktr.require_marks(subscriber integer) returns text
    language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('trktr.replicaset', 0));
    if not (select pre16_compatibility from trktr.identity) then
        return 'off';
    end if;
    if exists (select from trktr.marking where wants_marks and not is_marked) or exists (select from pg_publication where pubname ~ '^trktr_pub(_to_\d+)?$' and pubtruncate) then
        return 'pending';
    end if;
    insert into trktr.marked_subscriber (node_id) values (subscriber) on conflict do nothing;
    return null;
end
$$;
revoke all on function trktr.require_marks(integer) from public;
