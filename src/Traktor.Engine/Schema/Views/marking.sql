-- Which tables have the triggers of marking and filtering, and which should. is_marked and is_filtered: complete and
-- enabled; has_marks and has_filter: at least some of them exist. Includes those of Traktor's own tables that are
-- replicated, whether published yet or not, because they have no rows when they are created.
create or replace view trktr.marking as
with wish as (
    select
        i.pre16_compatibility or exists (select from trktr.marked_subscriber) as marks,
        exists (select from trktr.subscription where is_filtered) as filter
    from trktr.identity i
), triggers as (
    select
        t.tgrelid as oid,
        count(*) filter (where t.tgname = 'trktr_mark' and t.tgenabled = 'A') as marks,
        count(*) filter (where t.tgname ~ '^trktr_truncat' and t.tgenabled = 'A') as truncations,
        count(*) filter (where t.tgfoid = 'trktr.drop_forwarded'::regproc and t.tgenabled = 'R') as filters,
        bool_or(t.tgfoid = 'trktr.drop_forwarded'::regproc) as has_filter,
        bool_or(t.tgfoid <> 'trktr.drop_forwarded'::regproc) as has_marks
    from pg_trigger t
    where t.tgparentid = 0
      and t.tgfoid in (
          'trktr.mark_transaction'::regproc,
          'trktr.send_truncation'::regproc,
          'trktr.drop_forwarded'::regproc)
    group by t.tgrelid
)
select
    n.nspname as schema_name,
    c.relname as table_name,
    c.relkind = 'p' as is_partitioned,
    w.marks
        and case n.nspname
            when 'trktr' then c.relname in ('node', 'account', 'audit', 'truncation', 'heartbeat', 'winner')
            else c.oid in (
                select r.prrelid
                from pg_publication_rel r
                join pg_publication p on p.oid = r.prpubid
                where p.pubname ~ '^trktr_pub(_to_\d+)?$')
        end as wants_marks,
    w.filter
        and case n.nspname
            when 'trktr' then c.relname in ('node', 'account', 'audit', 'truncation', 'heartbeat', 'winner')
            else c.oid in (
                select r.srrelid
                from pg_subscription_rel r
                join pg_subscription s on s.oid = r.srsubid
                where s.subname ~ '^trktr_sub_\d+_\d+$'
                  and s.subdbid = (select d.oid from pg_database d where d.datname = current_database()))
        end as wants_filter,
    coalesce(t.marks = 1 and t.truncations = case n.nspname when 'trktr' then 0 else 2 end, false) as is_marked,
    coalesce(t.filters = 1, false) as is_filtered,
    coalesce(t.has_marks, false) as has_marks,
    coalesce(t.has_filter, false) as has_filter
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
cross join wish w
left join triggers t on t.oid = c.oid
where c.relkind in ('r', 'p')
  and not c.relispartition
  and n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema';
