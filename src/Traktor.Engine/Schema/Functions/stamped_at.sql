-- When the version of a row was committed, as pg_xact_commit_timestamp says of its xmin. A statement that rewrites a
-- table (most forms of ALTER TABLE ... TYPE, SET LOGGED, ADD COLUMN with a volatile default; pg_repack) gives every row
-- its own transaction as xmin. When such a row was really written is not known any more: the answer is then a time on
-- the first day of 1970, before all other versions, which tells the local versions of a row apart. Rows that are
-- applied have an origin, which no rewrite has, and keep their stamps.
-- A table that was never rewritten or truncated has its first file, whose number is its oid. Its present file is read
-- from the system cache, which is current once the table is locked, even where the session's snapshot is older; where
-- note_rewrites.sql has not yet noted the file, every local version counts as rewritten. That is always right: its node
-- has sent the version with its stamp, and whoever has it answers.
-- Called by: log_overwrite; the arbiter's statements that read rows.
-- Session:   an apply worker's; the healer's; the one of convergence; one that reads rows for a page.
-- Rights:    the arbiter's (security definer), for trktr.table_file. It says nothing that xmin does not say.
-- Settings:  none.
create or replace function trktr.stamped_at(relation oid, version xid) returns timestamptz
    language plpgsql
    stable
    security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    present constant oid := pg_relation_filenode(relation);
    stamp            record;
begin
    if present = relation then
        return pg_xact_commit_timestamp(version);
    end if;
    stamp := pg_xact_commit_timestamp_origin(version);
    if stamp.roident = 0
        and coalesce(
            (
                select
                    f.file <> present
                    or coalesce(
                        age(version) <= age(f.rewritten_from::xid) and age(version) > age(f.rewritten_before::xid),
                        false)
                from trktr.table_file f
                where f.relation = stamped_at.relation
            ),
            true) then
        return 'epoch'::timestamptz + version::text::bigint * interval '1 microsecond';
    end if;
    return stamp.timestamp;
end
$$;
