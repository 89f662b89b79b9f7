-- What schema trktr_expected has and trktr lacks: each object with the statement that mends it, in the order in which
-- they must run. A table or sequence moves over; a column without a default gets a neutral value in the rows that
-- exist.
with objects as (
    select
        n.nspname as schema_name,
        c.oid,
        c.relname as name,
        c.relkind as kind
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('trktr', 'trktr_expected')
      and c.relkind in ('r', 'S', 'i')
      and not exists (
          select
          from pg_depend d
          where d.classid = 'pg_class'::regclass
            and d.objid = c.oid
            and d.deptype = 'i')
), present as (
    select *
    from objects
    where schema_name = 'trktr'
), expected as (
    select o.*, p.oid as present_oid
    from objects o
    left join present p using (name, kind)
    where o.schema_name = 'trktr_expected'
), missing as (
    select
        case e.kind when 'S' then 1 else 2 end as step,
        e.name::text as name,
        case e.kind when 'S' then 'sequence' else 'table' end || ' trktr.' || e.name as object,
        format('alter %s trktr_expected.%I set schema trktr', case e.kind when 'S' then 'sequence' else 'table' end, e.name)
            as statement
    from expected e
    where e.kind in ('S', 'r')
      and e.present_oid is null

    union all

    select
        3,
        format('%s %s', e.name, a.attnum),
        format('column trktr.%s.%s', e.name, a.attname),
        format(
            'alter table trktr.%I add column %I %s%s%s%s',
            e.name,
            a.attname,
            format_type(a.atttypid, a.atttypmod),
            case when a.attidentity <> '' then ' generated always as identity' end,
            case
                when d.adbin is not null then ' default ' || replace(pg_get_expr(d.adbin, d.adrelid), 'trktr_expected.', 'trktr.')
                when a.attnotnull and a.attidentity = '' then ' default ' || case
                    when t.typcategory = 'N' then '0'
                    when t.typcategory = 'B' then 'false'
                    when t.typcategory = 'D' then 'clock_timestamp()'
                    when t.typcategory = 'A' or t.typname in ('json', 'jsonb') then '''{}'''
                    when t.typname = 'uuid' then 'gen_random_uuid()'
                    when t.typname = 'pg_lsn' then '''0/0'''
                    when t.typname = 'xid8' then '''3'''
                    else ''''''
                end
            end,
            case when a.attnotnull then ' not null' end)
            || case
                when d.adbin is null and a.attnotnull and a.attidentity = ''
                    then format(', alter column %I drop default', a.attname)
                else ''
            end
    from expected e
    join pg_attribute a on a.attrelid = e.oid and a.attnum > 0 and not a.attisdropped
    join pg_type t on t.oid = a.atttypid
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where e.kind = 'r'
      and e.present_oid is not null
      and not exists (
          select
          from pg_attribute b
          where b.attrelid = e.present_oid
            and b.attname = a.attname
            and not b.attisdropped)

    union all

    -- A foreign key moves over with its table, but not to the table that it refers to.
    select
        case k.contype when 'f' then 6 else 4 end,
        format('%s %s', e.name, k.conname),
        format('constraint %s of trktr.%s', k.conname, e.name),
        format('alter table trktr.%I drop constraint if exists %I', e.name, k.conname)
            || format(', add constraint %I ', k.conname)
            || replace(pg_get_constraintdef(k.oid), 'trktr_expected.', 'trktr.')
    from expected e
    join pg_constraint k on k.conrelid = e.oid
    where e.kind = 'r'
      and (
          k.contype in ('p', 'u', 'c') and e.present_oid is not null
          or k.contype = 'f')
      and not exists (
          select
          from pg_constraint h
          where h.conrelid = e.present_oid
            and h.conname = k.conname)

    union all

    select
        5,
        e.name::text,
        'index trktr.' || e.name,
        replace(pg_get_indexdef(e.oid), 'trktr_expected.', 'trktr.')
    from expected e
    join pg_index i on i.indexrelid = e.oid
    join expected t on t.oid = i.indrelid
    where e.kind = 'i'
      and e.present_oid is null
      and t.present_oid is not null
      and not exists (
          select
          from pg_constraint k
          where k.conindid = e.oid)
)
select object, statement
from missing
order by step, name
