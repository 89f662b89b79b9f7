-- The records that a peer may lack rows of table @name in @schema, of those peers that receive every row of it now: as
-- a JSON array. Of others more rows may be missing later than a comparison sees.
select coalesce(json_agg(json_build_object('id', y.id, 'node', y.node_id) order by y.node_id), '[]')::text
from trktr.resync y
where y.schema_name = @schema
  and y.table_name = @name
  and exists (
      select
      from pg_replication_slots s
      where s.slot_name = format('trktr_sub_%s_%s', y.node_id, @node)
        and s.database = current_database()
        and s.confirmed_flush_lsn is not null)
  and exists (
      select
      from pg_publication p
      join pg_publication_rel r on r.prpubid = p.oid
      join pg_class c on c.oid = r.prrelid
      join pg_namespace n on n.oid = c.relnamespace
      where p.pubname in ('trktr_pub', format('trktr_pub_to_%s', y.node_id))
        and r.prqual is null
        and (n.nspname, c.relname) = (y.schema_name, y.table_name))
