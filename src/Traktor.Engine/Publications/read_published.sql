-- The tables that this database publishes for a subscriber, including Traktor's own, the marks for a subscriber that
-- needs them, and tables that are being opened.
select distinct
    n.nspname as schema,
    c.relname as name
from pg_publication_rel pr
join pg_publication p on p.oid = pr.prpubid
join pg_class c on c.oid = pr.prrelid
join pg_namespace n on n.oid = c.relnamespace
where p.pubname in ('trktr_pub', format('trktr_pub_to_%s', @subscriber))
   or p.pubname = 'trktr_pub_origin_marks'
      and exists (select from trktr.marked_subscriber m where m.node_id = @subscriber)
