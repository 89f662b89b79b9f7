-- Has an entry of trktr.set_aside processed once more, after its table was fixed. Returns whether there is such an
-- entry.
-- Called by: an administrator, with the statement of the finding "set_aside".
-- Session:   the administrator's.
-- Rights:    the administrator's: the arbiter's role, or a superuser.
-- Settings:  none.
create or replace function trktr.process_again(entry bigint) returns boolean
    language plpgsql
    set search_path = pg_catalog, pg_temp
    set row_security = on
as $$
begin
    with taken as (
        delete from trktr.set_aside s
        where s.id = entry
        returning s.*
    )
    insert into trktr.overwrite_log (
        schema_name, table_name, key, operation, old_row, old_at, old_node, old_incomplete, new_row, new_at, new_node,
        new_incomplete, peer)
    select
        t.schema_name, t.table_name, t.key, t.operation, t.old_row, t.old_at, t.old_node, t.old_incomplete, t.new_row,
        t.new_at, t.new_node, t.new_incomplete, t.peer
    from taken t;
    return found;
end
$$;
revoke all on function trktr.process_again(bigint) from public;
