-- Notes the files of replicated tables and of their partitions, and where a file has changed since the last look, which
-- transactions may have rewritten the table: all that are over now and were not before @looked, the oldest transaction
-- that was running at the last look (null: not known); and those as old as the new file's oldest row, which a tool may
-- have filled before it took the old one's place. TRUNCATE and VACUUM FULL change the file too, and keep the rows' own
-- xmin; to count some rows as rewritten is harmless. A noted range stays until every node has all of it. Returns the
-- oldest running transaction, for the next look. Any version from 15.
with replicated as (
    select c.oid
    from trktr.replicaset r
    join pg_namespace n on n.nspname = r.schema_name
    join pg_class c on c.relnamespace = n.oid and c.relname = r.table_name
    union
    select r.srrelid
    from pg_subscription_rel r
    join pg_subscription s on s.oid = r.srsubid
    where s.subdbid = (select oid from pg_database where datname = current_database())
      and s.subname ~ '^trktr_sub_\d+_\d+$'
), present as (
    select c.oid as relation, c.relfilenode as file, c.relfrozenxid as oldest
    from pg_class c
    where c.relkind = 'r'
      and (c.oid in (select oid from replicated)
          or c.relispartition
              and exists (
                  select
                  from pg_partition_ancestors(c.oid) a (oid)
                  join replicated r on r.oid = a.oid))
), looked as materialized (
    select pg_snapshot_xmin(s) as running, pg_snapshot_xmax(s) as next
    from pg_current_snapshot() s
), changed as (
    select
        p.relation,
        p.file,
        case
            when p.file = p.relation then null
            when f.relation is null or @looked::text is null then coalesce(@looked::text, '0')::xid8
            when f.rewritten_before > coalesce((select h.xid from trktr.stable_xid h), '0') then f.rewritten_from
            else least(
                @looked::text::xid8,
                greatest(l.next::text::numeric - age(p.oldest), 0)::text::xid8)
        end as rewritten_from,
        case when p.file <> p.relation then l.next end as rewritten_before
    from present p
    cross join looked l
    left join trktr.table_file f on f.relation = p.relation
    where f.file is distinct from p.file
), gone as (
    delete from trktr.table_file f
    where not exists (select from present p where p.relation = f.relation)
), noted as (
    insert into trktr.table_file (relation, file, rewritten_from, rewritten_before)
    select relation, file, rewritten_from, rewritten_before
    from changed
    on conflict (relation) do update
    set file = excluded.file,
        rewritten_from = excluded.rewritten_from,
        rewritten_before = excluded.rewritten_before
)
select running::text
from looked
