-- Logs an update that changes the key: the row with its new key overwrites nothing on any node, and may be missing
-- where the old one no longer exists. row_security: a session may have it off, which makes the policies of Traktor's
-- tables an error.
-- Called by: the trigger trktr_detect_key_change of each replicated table, for an update that really changes the key;
--            its arguments are the schema, the table (the root of partitions), and the columns of the key.
-- Session:   the application's.
-- Rights:    the application's; the policy log_key_change lets it log no more than this.
-- Settings:  none.
create or replace function trktr.detect_key_change() returns trigger
    language plpgsql
    set search_path = pg_catalog, pg_temp
    set row_security = on
as $$
declare
    new_image constant json := trktr.image(new);
begin
    insert into trktr.overwrite_log (schema_name, table_name, key, operation, new_row)
    values (tg_argv[0], tg_argv[1], trktr.key_of(new_image, tg_argv[2:]), 'I', new_image);
    return null;
end
$$;
