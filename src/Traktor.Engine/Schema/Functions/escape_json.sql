-- A column of type json accepts escapes that text and jsonb do not: \u0000, and halves of surrogate pairs. No operator
-- can read such a document, or a row that contains one. Therefore images contain \u001a0000 in place of \u0000, and so
-- on: the control character SUB, which stands for what cannot be represented, before the four digits.
-- Called by: image, log_overwrite, row_as_jsonb; the arbiter's statements that make images.
-- Session:   any of the arbiter's; an apply worker's; the application's.
-- Rights:    the session's; in a trigger those of the table's owner.
-- Settings:  none.
create or replace function trktr.escape_json(image json) returns json
    language sql
    stable
return case
    when strpos(image::text, '\u') = 0 then image
    else regexp_replace(
        image::text,
        '(?<!\\)((?:\\\\)*)\\u(0000|[dD][89a-fA-F][0-9a-fA-F]{2})',
        '\1\\u001a\2',
        'g')::json
end;
