-- The table that receives a peer's rows under the same name, as JSON; no row when there is none. @subscription is the
-- subscription's oid. Any version from 15. A unique index that only a partition has applies to the rows of that
-- partition. A domain column has its base type: values are cast to the domain where the row is written, as the table's
-- owner, and its checks run there. Names in expressions are qualified as search_path requires, which is empty in the
-- applying session.
select json_build_object(
    'oid', c.oid::bigint,
    'kind', c.relkind,
    'owner', pg_get_userbyid(c.relowner),
    'is_foreign_owner', c.relowner <> (select oid from pg_roles where rolname = current_user),
    'is_subscribed', exists (
        select
        from pg_subscription_rel r
        where r.srsubid = @subscription
          and r.srrelid = c.oid
          and r.srsubstate in ('r', 's')),
    'is_watched', (
        select count(*) = 2
        from pg_trigger t
        where t.tgrelid = c.oid
          and t.tgname in ('trktr_detect_update', 'trktr_detect_delete')
          and t.tgenabled = 'R'),
    'policy', (
        select r.policy
        from trktr.replicaset r
        where r.schema_name = n.nspname
          and r.table_name = c.relname),
    'columns', coalesce((
        select json_agg(json_build_object(
            'name', a.attname,
            'type', format_type(y.oid, -1),
            'array_type', case
                when y.typdelim = ',' and y.typtype <> 'c' and y.typarray <> 0 then format_type(y.typarray, -1)
            end,
            'generation', case
                when a.attgenerated <> '' then (
                    select pg_get_expr(d.adbin, d.adrelid)
                    from pg_attrdef d
                    where d.adrelid = a.attrelid
                      and d.adnum = a.attnum)
            end,
            'holds_json', exists (
                with recursive inner_type (oid) as (
                    select y.oid
                    union
                    select n.oid
                    from inner_type i
                    join pg_type d on d.oid = i.oid
                    cross join lateral (
                        select d.typelem
                        union all
                        select d.typbasetype
                        union all
                        select p.atttypid
                        from pg_attribute p
                        where p.attrelid = d.typrelid
                          and p.attnum > 0) n (oid)
                    where n.oid <> 0)
                select
                from inner_type
                where oid = 'json'::regtype),
            'is_always_identity', a.attidentity = 'a') order by a.attnum)
        from pg_attribute a
        join pg_type y on y.oid = (
            with recursive base (oid, next) as (
                select d.oid, d.typbasetype
                from pg_type d
                where d.oid = a.atttypid
                union all
                select d.oid, d.typbasetype
                from base
                join pg_type d on d.oid = base.next)
            select oid
            from base
            where next = 0)
        where a.attrelid = c.oid
          and a.attnum > 0
          and not a.attisdropped), '[]'),
    'uniques', coalesce((
        select json_agg(json_build_object(
            'name', x.relname,
            'partition', case when i.indrelid <> c.oid then format('%I.%I', xn.nspname, xr.relname) end,
            'partition_condition', case when i.indrelid <> c.oid then pg_get_partition_constraintdef(i.indrelid) end,
            'is_identity', i.indexrelid = coalesce(
                pg_get_replica_identity_index(c.oid),
                (
                    select p.indexrelid
                    from pg_index p
                    where p.indrelid = c.oid
                      and p.indisprimary
                      and p.indimmediate
                )),
            'predicate', pg_get_expr(i.indpred, i.indrelid),
            'nulls_equal', i.indnullsnotdistinct,
            'parts', (
                select json_agg(json_build_object(
                    'expression', pg_get_indexdef(i.indexrelid, k::integer, false),
                    'operator', (
                        select format('operator(%I.%s)', o.oprnamespace::regnamespace::text, o.oprname)
                        from pg_operator o
                        where o.oid = coalesce(
                            (
                                select e.conexclop[k]
                                from pg_constraint e
                                where e.conindid = i.indexrelid
                                  and e.contype = 'x'
                            ),
                            (
                                select m.amopopr
                                from pg_opclass l
                                join pg_amop m on m.amopfamily = l.opcfamily
                                where l.oid = i.indclass[k - 1]
                                  and m.amoplefttype = l.opcintype
                                  and m.amoprighttype = l.opcintype
                                  and m.amopstrategy = 3
                            ))))
                    order by k)
                from generate_series(1, i.indnkeyatts) k)) order by x.relname)
        from pg_index i
        join pg_class x on x.oid = i.indexrelid
        join pg_class xr on xr.oid = i.indrelid
        join pg_namespace xn on xn.oid = xr.relnamespace
        where i.indislive
          and (i.indisunique or i.indisexclusion)
          and (i.indrelid = c.oid
              or i.indrelid in (select relid from pg_partition_tree(c.oid))
                  and not exists (select from pg_inherits h where h.inhrelid = i.indexrelid))), '[]'))::text
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where n.nspname = @schema
  and c.relname = @name
  and c.relkind in ('r', 'p')
