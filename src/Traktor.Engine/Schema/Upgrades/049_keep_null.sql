-- As 046 made it, but null is a value too: a large value that was not sent leaves null where it is null here, and the row is an incomplete image all the same.
create or replace function trktr.keeps_large(relation oid, old_image json, new_image json) returns boolean
    language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (
        select from json_each_text(old_image) o
        join json_each_text(new_image) n on n.key = o.key and n.value is not distinct from o.value
        join pg_attribute a on a.attrelid = relation and a.attname = o.key and a.attlen = -1 and a.attstorage <> 'p');
end
$$
