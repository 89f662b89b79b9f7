-- The owner of a table, when that is another role than the session's: @schema, @name; else null. Any version from 15.
select pg_get_userbyid(c.relowner)
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where n.nspname = @schema
  and c.relname = @name
  and c.relkind in ('r', 'p')
  and c.relowner <> (select oid from pg_roles where rolname = current_user)
