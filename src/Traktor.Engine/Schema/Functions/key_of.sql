-- The key of an image: a JSON object of its key columns, each as text, in the same order on every node.
-- Called by: log_overwrite, detect_key_change; the arbiter's statements.
-- Session:   any of the arbiter's; an apply worker's; the application's.
-- Rights:    the session's; in a trigger those of the table's owner.
-- Settings:  none.
create or replace function trktr.key_of(image json, columns text[]) returns text
    language sql
    immutable
    set search_path = pg_catalog, pg_temp
return (
    select jsonb_object_agg(c.name, image ->> c.name)::text
    from unnest(columns) as c (name)
);
