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
        select sum(hashtext(format('%s %s %s', t.tgname, t.xmin, p.xmin)))
        from pg_trigger t
        join pg_proc p on p.oid = t.tgfoid
        join pg_class c on c.oid = t.tgrelid
        join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = @schema
          and c.relname = @table
    ),
    (
        with recursive part (oid) as (
            select h.inhrelid
            from pg_inherits h
            join pg_class c on c.oid = h.inhparent
            join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = @schema
              and c.relname = @table
            union
            select h.inhrelid
            from part
            join pg_inherits h on h.inhparent = part.oid)
        select sum(hashtext(format('%s %s', p.oid, p.relowner)))
        from part
        join pg_class p on p.oid = part.oid
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
