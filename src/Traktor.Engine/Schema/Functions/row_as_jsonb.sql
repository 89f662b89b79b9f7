-- A row for the history, whatever it contains.
-- Called by: the arbiter's statements that write the history (TargetTable, ConflictRecord, record_losses.sql).
-- Session:   the one that heals; the one of convergence.
-- Rights:    the session's.
-- Settings:  none.
create or replace function trktr.row_as_jsonb(version json) returns jsonb
    language plpgsql
    stable
    set search_path = pg_catalog, pg_temp
as $$
begin
    return trktr.escape_json(version)::jsonb;
exception when numeric_value_out_of_range then
    return (
        select jsonb_object_agg(v.key, trktr.value_as_jsonb(v.value))
        from json_each(trktr.escape_json(version)) v
    );
end
$$;
