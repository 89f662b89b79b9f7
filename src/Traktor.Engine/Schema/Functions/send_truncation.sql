-- Before a TRUNCATE: stores the name of a table that it will truncate. After it: sends all tables that the statement
-- truncated, as one row of trktr.truncation.
-- Called by: the triggers trktr_truncating and trktr_truncated of each published table where this node marks; their
--            argument is this node.
-- Session:   the application's.
-- Rights:    the arbiter's (security definer), as the owner of trktr.truncation.
-- Settings:  reads trktr.truncated_tables; sets it for the transaction.
create or replace function trktr.send_truncation() returns trigger
    language plpgsql
    security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    tables text := coalesce(current_setting('trktr.truncated_tables', true), '');
begin
    if pg_replication_origin_session_is_setup() then
        return null;
    end if;
    if tg_when = 'BEFORE' then
        perform set_config(
            'trktr.truncated_tables',
            (
                coalesce(nullif(tables, ''), '[]')::jsonb
                || jsonb_build_array(jsonb_build_array(tg_table_schema, tg_table_name))
            )::text,
            true);
    elsif tables <> '' then
        insert into trktr.truncation (node_id, relations)
        values (tg_argv[0]::integer, tables::jsonb);
        perform set_config('trktr.truncated_tables', '', true);
    end if;
    return null;
end
$$;
revoke all on function trktr.send_truncation() from public;
