-- Whether a table that this node offers or receives belongs to another role than the session's. Any version from 15.
select exists (
    select
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where c.relowner <> (select oid from pg_roles where rolname = current_user)
      and (
          exists (
              select
              from trktr.replicaset r
              where r.schema_name = n.nspname
                and r.table_name = c.relname)
          or exists (
              select
              from pg_subscription_rel s
              where s.srrelid = c.oid)))
