-- Records for each peer that it may lack rows of every open table that is in no publication of ours any more: it was
-- dropped and made again, or taken out by hand; with @all, of every open table. @node: this node.
insert into trktr.resync as y (node_id, schema_name, table_name, reason)
select s.peer, r.schema_name, r.table_name, 'unpublished'
from trktr.replicaset r
cross join (
    select substring(slot_name from '^trktr_sub_(\d+)_\d+$')::integer as peer
    from pg_replication_slots
    where slot_name ~ format('^trktr_sub_\d+_%s$', @node)
      and database = current_database()
) s
where r.state = 'committed'
  and r.opening is null
  and (@all or not exists (
      select
      from pg_publication p
      join pg_publication_rel pr on pr.prpubid = p.oid
      join pg_class c on c.oid = pr.prrelid
      join pg_namespace n on n.oid = c.relnamespace
      where p.pubname ~ '^trktr_pub(_to_\d+)?$'
        and pr.prqual is null
        and pr.prattrs is null
        and (n.nspname, c.relname) = (r.schema_name, r.table_name)))
on conflict (node_id, schema_name, table_name) do update
set reason = excluded.reason,
    since = excluded.since,
    id = excluded.id
where @all or y.reason <> 'unpublished'
