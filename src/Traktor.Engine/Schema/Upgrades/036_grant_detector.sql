-- The triggers run with the rights of the table's owner, or of the application: they may note what happened to their own tables, see whether a key of theirs is contested, and nothing else.
grant select (node_id) on trktr.identity to public;
grant select, insert on trktr.overwrite_log to public;
grant select on trktr.contested_key to public;
alter table trktr.overwrite_log enable row level security;
alter table trktr.contested_key enable row level security;
create function trktr.may(schema_name text, table_name text, privilege text) returns boolean
    language sql stable set search_path = pg_catalog, pg_temp
return coalesce((
    select case privilege when 'own' then pg_has_role(c.relowner, 'usage') else has_any_column_privilege(c.oid, privilege) end
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = schema_name and c.relname = table_name), false);
create policy read_own on trktr.overwrite_log for select using (trktr.may(schema_name, table_name, 'own'));
create policy log_overwrite on trktr.overwrite_log for insert with check (
    xid = pg_current_xact_id() and new_at is null and current_setting('session_replication_role') = 'replica' and trktr.may(schema_name, table_name, 'own'));
create policy note_key on trktr.overwrite_log for insert with check (
    xid = pg_current_xact_id() and new_at is null and operation = 'I' and old_row is null and peer is null and trktr.may(schema_name, table_name, 'update'));
create policy read_own on trktr.contested_key for select using (trktr.may(schema_name, table_name, 'own'))
