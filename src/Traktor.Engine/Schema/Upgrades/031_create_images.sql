-- The image of a row: the text of each column as any session on any node reads it back, whatever its settings.
create function trktr.image(version record) returns json
    language plpgsql stable
    set search_path = pg_catalog, pg_temp set timezone = 'UTC' set datestyle = 'ISO, YMD' set intervalstyle = 'postgres' set extra_float_digits = 1 set bytea_output = 'hex'
as $$
begin
    return row_to_json(version);
end
$$;
-- The key of an image: a JSON object of its key columns, each as text, in an order that is the same everywhere.
create function trktr.key_of(image json, columns text[]) returns text
    language sql immutable set search_path = pg_catalog, pg_temp
return (select jsonb_object_agg(c.name, image ->> c.name)::text from unnest(columns) as c (name))
