-- A value that changes when a waiting subscription may be able to continue: the table changed, a policy changed, or
-- every conflict is decided.
select concat_ws(
    '/',
    (
        select sum(hashtext(format('%s %s %s', a.attname, a.attnum, a.xmin)))
        from pg_attribute a
        join pg_class c on c.oid = a.attrelid
        join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = @schema
          and c.relname = @table
    ),
    (
        select sum(hashtext(format('%s %s', k.conname, k.xmin)))
        from pg_constraint k
        join pg_class c on c.oid = k.conrelid
        join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = @schema
          and c.relname = @table
    ),
    (
        select sum(hashtext(format('%s %s %s', i.indexrelid, i.xmin, c.xmin)))
        from pg_class c
        left join pg_index i on i.indrelid = c.oid
        join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = @schema
          and c.relname = @table
    ),
    (
        select sum(hashtext(format('%s %s %s', schema_name, table_name, policy)))
        from trktr.replicaset
    ),
    (
        select sum(hashtext(format('%s %s', node_id, priority)))
        from trktr.node_priority
    ),
    exists (
        select
        from trktr.history
        where subscription = @subscription
          and resolved is null
          and decision is null
          and conflict_type <> 'apply_error'))
