-- A value that changes with any DDL in this database, with a reload of the server's settings, and with its restart: a
-- waiting subscription may be able to continue then. Every change of a catalog row gives it another xmin. What the
-- arbiter and PostgreSQL change themselves while they replicate is left out: subscriptions, and functions of ours. Any
-- version from 15.
select concat_ws(
    '/',
    pg_postmaster_start_time(),
    pg_conf_load_time(),
    (
        select string_agg(format('%s %s', c.rows, c.versions), ',')
        from (
            select count(*) as rows, sum(xmin::text::bigint) as versions
            from pg_class
            where relpersistence <> 't'
              and relkind <> 't'
            union all
            select count(*), sum(xmin::text::bigint)
            from pg_proc
            where not exists (
                select
                from pg_namespace n
                where n.oid = pronamespace
                  and n.nspname = 'trktr_routine')
            union all
            select count(*), sum(a.xmin::text::bigint)
            from pg_attribute a
            join pg_class c on c.oid = a.attrelid
            where c.relpersistence <> 't'
            union all
            select count(*), sum(t.xmin::text::bigint)
            from pg_type t
            left join pg_class c on c.oid = t.typrelid
            where c.relpersistence is distinct from 't'
            union all
            select count(*), sum(xmin::text::bigint) from pg_enum
            union all
            select count(*), sum(xmin::text::bigint) from pg_constraint
            union all
            select count(*), sum(xmin::text::bigint) from pg_attrdef
            union all
            select count(*), sum(xmin::text::bigint) from pg_trigger
            union all
            select count(*), sum(xmin::text::bigint) from pg_inherits
            union all
            select count(*), sum(xmin::text::bigint) from pg_rewrite
            union all
            select count(*), sum(xmin::text::bigint) from pg_policy
            union all
            select count(*), sum(xmin::text::bigint) from pg_namespace
            union all
            select count(*), sum(xmin::text::bigint) from pg_extension
            union all
            select count(*), sum(xmin::text::bigint) from pg_operator
            union all
            select count(*), sum(xmin::text::bigint) from pg_opclass
            union all
            select count(*), sum(xmin::text::bigint) from pg_opfamily
            union all
            select count(*), sum(xmin::text::bigint) from pg_amop
            union all
            select count(*), sum(xmin::text::bigint) from pg_amproc
            union all
            select count(*), sum(xmin::text::bigint) from pg_cast
            union all
            select count(*), sum(xmin::text::bigint) from pg_range
            union all
            select count(*), sum(xmin::text::bigint) from pg_collation
            union all
            select count(*), sum(xmin::text::bigint) from pg_conversion
            union all
            select count(*), sum(xmin::text::bigint) from pg_language
            union all
            select count(*), sum(xmin::text::bigint) from pg_ts_config
            union all
            select count(*), sum(xmin::text::bigint) from pg_ts_config_map
            union all
            select count(*), sum(xmin::text::bigint) from pg_ts_dict
            union all
            select count(*), sum(xmin::text::bigint) from pg_auth_members
            union all
            select count(*), sum(xmin::text::bigint) from pg_db_role_setting) c))
