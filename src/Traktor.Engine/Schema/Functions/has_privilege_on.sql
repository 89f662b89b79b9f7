-- Whether the current role has a right on a table: 'own', or 'change keys', which is UPDATE on a column of the key.
-- Called by: the row-level security policies of trktr.overwrite_log and trktr.contested_key.
-- Session:   an apply worker's; the healer's; the application's.
-- Rights:    those of the table's owner, or of the application.
-- Settings:  none.
create or replace function trktr.has_privilege_on(schema_name text, table_name text, privilege text) returns boolean
    language sql
    stable
    set search_path = pg_catalog, pg_temp
return coalesce(
    (
        select
            case privilege
                when 'own' then pg_has_role(c.relowner, 'usage')
                when 'change keys' then exists (
                    select
                    from pg_index i
                    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
                    where i.indrelid = c.oid
                      and i.indisunique
                      and has_column_privilege(c.oid, a.attnum, 'update'))
            end
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = schema_name
          and c.relname = table_name
    ),
    false);
