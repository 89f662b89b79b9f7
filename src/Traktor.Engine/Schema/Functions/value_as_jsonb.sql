-- A value for the history. A document with a number that is too large for jsonb becomes text.
-- Called by: row_as_jsonb.
-- Session:   any of the arbiter's that writes the history.
-- Rights:    the session's.
-- Settings:  none.
create or replace function trktr.value_as_jsonb(value json) returns jsonb
    language plpgsql
    stable
    set search_path = pg_catalog, pg_temp
as $$
begin
    return value::jsonb;
exception when numeric_value_out_of_range then
    return to_jsonb(value::text);
end
$$;
