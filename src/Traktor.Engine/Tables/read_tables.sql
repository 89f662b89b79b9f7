-- Describes the tables named in @schemas and @names (pairs), one JSON object for each table that exists. Any version
-- from 15.
select json_build_object(
    'schema', n.nspname,
    'name', c.relname,
    'kind', c.relkind,
    'persistence', c.relpersistence,
    'identity', c.relreplident,
    'root', case when c.relispartition then (
        select json_build_object('schema', rn.nspname, 'name', r.relname)
        from pg_class r
        join pg_namespace rn on rn.oid = r.relnamespace
        where r.oid = pg_partition_root(c.oid)) end,
    'key', coalesce((
        select json_agg(a.attname order by a.attname)
        from pg_index i
        join pg_attribute a on a.attrelid = c.oid and a.attnum = any (i.indkey)
        where i.indexrelid = coalesce(
            pg_get_replica_identity_index(c.oid),
            (
                select p.indexrelid
                from pg_index p
                where p.indrelid = c.oid
                  and p.indisprimary
                  and p.indimmediate
                  and c.relreplident = 'f'
            ))), '[]'),
    'deferrable', (
        select json_build_object('name', k.conname, 'columns', (
            select json_agg(a.attname order by p.position)
            from unnest(k.conkey) with ordinality as p (attnum, position)
            join pg_attribute a on a.attrelid = c.oid and a.attnum = p.attnum))
        from pg_constraint k
        where k.conrelid = c.oid
          and k.contype = 'p'
          and k.condeferrable),
    'unchecked', coalesce((
        select json_agg(json_build_object(
            'table', json_build_object('schema', kn.nspname, 'name', kc.relname),
            'name', k.conname,
            'definition', regexp_replace(pg_get_constraintdef(k.oid), ' DEFERRABLE( INITIALLY DEFERRED)?$', ''))
            order by kn.nspname, kc.relname, k.conname)
        from pg_constraint k
        join pg_class kc on kc.oid = k.conrelid
        join pg_namespace kn on kn.oid = kc.relnamespace
        where k.contype in ('p', 'u', 'x')
          and k.condeferrable
          and k.conparentid = 0
          and (k.conrelid = c.oid or k.conrelid in (select relid from pg_partition_tree(c.oid)))), '[]'),
    'feeds', coalesce((
        select json_agg(distinct s.subname::text)
        from pg_subscription s
        join pg_subscription_rel r on r.srsubid = s.oid
        where s.subdbid = (select d.oid from pg_database d where d.datname = current_database())
          and s.subname !~ '^trktr_sub_[0-9]+_[0-9]+$'
          and (r.srrelid = c.oid or r.srrelid in (select relid from pg_partition_tree(c.oid)))), '[]'),
    'candidate', (
        select x.relname
        from pg_index i
        join pg_class x on x.oid = i.indexrelid
        where i.indrelid = c.oid
          and i.indisunique
          and i.indimmediate
          and i.indisvalid
          and i.indpred is null
          and i.indexprs is null
          and not exists (
              select
              from pg_attribute a
              where a.attrelid = c.oid
                and a.attnum = any (i.indkey)
                and not a.attnotnull)
        order by i.indisprimary desc, i.indnkeyatts, x.relname
        limit 1),
    'primary', exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary),
    'foreign', exists (
        select
        from pg_partition_tree(c.oid) t
        join pg_class l on l.oid = t.relid
        where t.isleaf
          and (l.relkind = 'f' or l.relpersistence <> 'p')),
    'otherpart', (
        with recursive part (oid) as (
            select h.inhrelid
            from pg_inherits h
            where h.inhparent = c.oid
            union
            select h.inhrelid
            from part
            join pg_inherits h on h.inhparent = part.oid)
        select json_build_object(
            'schema', pn.nspname,
            'name', p.relname,
            'owner', pg_get_userbyid(p.relowner),
            'above', pg_get_userbyid(c.relowner))
        from part
        join pg_class p on p.oid = part.oid
        join pg_namespace pn on pn.oid = p.relnamespace
        where p.relowner <> c.relowner
        order by pn.nspname, p.relname
        limit 1),
    'stranger', (
        select json_build_object('owner', o.rolname, 'issuperuser', o.rolsuper, 'role', current_user)
        from pg_roles o
        where o.oid = c.relowner
          and not pg_has_role(c.relowner, 'usage')),
    'columns', coalesce((
        select json_agg(json_build_object(
            'name', a.attname,
            'type', format_type(a.atttypid, null),
            'fulltype', format_type(a.atttypid, a.atttypmod),
            'required', a.attnotnull and not a.atthasdef and a.attidentity = '',
            'generated', a.attgenerated <> '') order by a.attnum)
        from pg_attribute a
        where a.attrelid = c.oid
          and a.attnum > 0
          and not a.attisdropped), '[]'))::text
from unnest(@schemas::text[], @names::text[]) as w (schema, name)
join pg_namespace n on n.nspname = w.schema
join pg_class c on c.relnamespace = n.oid and c.relname = w.name and c.relkind not in ('i', 'I', 't', 'c')
