-- Whether the current role has a right on a table: 'own', or a privilege as in has_any_column_privilege.
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
                else has_any_column_privilege(c.oid, privilege)
            end
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = schema_name
          and c.relname = table_name
    ),
    false);
