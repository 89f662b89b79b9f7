-- Restores what escape_json escaped: the text of a value of type json, or with json inside, where more backslashes
-- precede each.
-- Called by: the arbiter's statements that write or show rows (ConvergedTable, RowTable).
-- Session:   the one that restores rows; any that reads a row.
-- Rights:    the session's.
-- Settings:  none.
create or replace function trktr.unescape_json(value text) returns text
    language sql
    immutable
return case
    when strpos(value, '\u001a') = 0 then value
    else regexp_replace(value, '\\u001a(0000|[dD][89a-fA-F][0-9a-fA-F]{2})', '\\u\1', 'g')
end;
