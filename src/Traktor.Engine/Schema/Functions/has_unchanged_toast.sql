-- Whether a TOASTed value is equal before and after a change: the peer may not have sent it (an unchanged TOAST value),
-- so that it was filled in from the local row. Null is a value too: a TOASTed value that was not sent leaves null where
-- the local row has null.
-- Called by: log_overwrite; the healer's statements that log overwrites themselves (OverwriteLog).
-- Session:   an apply worker's; the healer's.
-- Rights:    the session's; in a trigger those of the table's owner.
-- Settings:  none.
create or replace function trktr.has_unchanged_toast(relation oid, old_image json, new_image json) returns boolean
    language plpgsql
    stable
    set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (
        select
        from json_each_text(old_image) o
        join json_each_text(new_image) n on n.key = o.key and n.value is not distinct from o.value
        join pg_attribute a on a.attrelid = relation and a.attname = o.key and a.attlen = -1 and a.attstorage <> 'p');
end
$$;
