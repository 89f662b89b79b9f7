-- Whether this node publishes a table or receives it from another node: @schema, @name. Traktor's own tables are
-- replicated too, but are nobody's to read or write through the arbiter. Any version from 15.
select @schema not in ('trktr', 'trktr_routine') and (
    exists (
        select
        from trktr.replicaset r
        where r.schema_name = @schema
          and r.table_name = @name)
    or exists (
        select
        from pg_subscription_rel r
        join pg_subscription s on s.oid = r.srsubid
        join pg_class c on c.oid = r.srrelid
        join pg_namespace n on n.oid = c.relnamespace
        cross join trktr.identity i
        where n.nspname = @schema
          and c.relname = @name
          and s.subdbid = (select d.oid from pg_database d where d.datname = current_database())
          and s.subname ~ format('^trktr_sub_%s_\d+$', i.node_id)))
