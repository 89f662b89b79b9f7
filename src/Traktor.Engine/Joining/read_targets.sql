-- The tables in @schemas and @names (pairs) that exist, with their owners where these are other roles than the
-- session's. Any version from 15.
select
    n.nspname::text as schema_name,
    c.relname::text as table_name,
    case when c.relowner <> (select oid from pg_roles where rolname = current_user) then pg_get_userbyid(c.relowner)::text end
        as owner,
    c.relkind = 'p' as is_partitioned
from unnest(@schemas::text[], @names::text[]) as w (schema, name)
join pg_namespace n on n.nspname = w.schema
join pg_class c on c.relnamespace = n.oid and c.relname = w.name and c.relkind in ('r', 'p')
