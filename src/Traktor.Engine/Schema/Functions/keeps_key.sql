-- Whether an update leaves the key as it is. names: the schema, the table, and the columns of the key.
-- Called by: detect_update, log_overwrite.
-- Session:   an apply worker's; the healer's.
-- Rights:    of the table's owner, on PostgreSQL 16 and later; else the arbiter's.
-- Settings:  none.
create or replace function trktr.keeps_key(names text[], old_version record, new_version record) returns boolean
    language plpgsql
    stable
as $$
declare
    old_row constant json := row_to_json(old_version);
    new_row constant json := row_to_json(new_version);
begin
    for i in 2 .. array_upper(names, 1) loop
        if old_row ->> names[i] is distinct from new_row ->> names[i] then
            return false;
        end if;
    end loop;
    return true;
end
$$;
