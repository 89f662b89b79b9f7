-- The triggers run with the rights of the table's owner, or of the application: these may log changes of their own
-- tables, and see nothing of other tables.
revoke insert on trktr.overwrite_log from public;
grant select on trktr.overwrite_log to public;
-- The transaction, the time and what the healer records are not theirs to say.
grant insert (
    schema_name, table_name, key, operation, old_row, old_at, old_node, old_incomplete, new_row, new_incomplete, peer
) on trktr.overwrite_log to public;
alter table trktr.overwrite_log enable row level security;

drop policy if exists read_own on trktr.overwrite_log;
create policy read_own on trktr.overwrite_log
    for select
    using (trktr.has_privilege_on(schema_name, table_name, 'own'));

-- detect_update and detect_delete, for the roles that apply.
drop policy if exists log_overwrite on trktr.overwrite_log;
create policy log_overwrite on trktr.overwrite_log
    for insert
    with check (
        xid = pg_current_xact_id()
        and current_setting('session_replication_role') = 'replica'
        and trktr.has_privilege_on(schema_name, table_name, 'own'));

-- detect_key_change, for the application.
drop policy if exists log_key_change on trktr.overwrite_log;
create policy log_key_change on trktr.overwrite_log
    for insert
    with check (
        xid = pg_current_xact_id()
        and operation = 'I'
        and old_row is null
        and old_at is null
        and peer is null
        and trktr.has_privilege_on(schema_name, table_name, 'change keys'));
