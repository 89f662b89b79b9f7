-- The image of a row: the text of each column, as a session on any node reads it back, whatever its settings.
-- Called by: log_overwrite, detect_key_change; the arbiter's statements where the session's formats differ.
-- Session:   any of the arbiter's; an apply worker's; the application's.
-- Rights:    the session's; in a trigger those of the table's owner, since a cast to json can be a user's function.
-- Settings:  none of ours; sets the formats of values for its own duration.
create or replace function trktr.image(version record) returns json
    language plpgsql
    stable
    set search_path = pg_catalog, pg_temp
    set timezone = 'UTC'
    set datestyle = 'ISO, YMD'
    set intervalstyle = 'postgres'
    set extra_float_digits = 1
    set bytea_output = 'hex'
as $$
begin
    return trktr.escape_json(row_to_json(version));
end
$$;
