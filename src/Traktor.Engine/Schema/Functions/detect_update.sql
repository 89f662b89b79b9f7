-- Detects an applied update of a version that its writer may not have seen, and has log_overwrite log it. A change of
-- the key counts as a delete, see detect_delete. The tests are one expression, because each costs time for every row,
-- and the function is stable, so that it is evaluated without a snapshot of its own: every node has the version, or the
-- sender wrote it itself, and nothing is contested.
-- The sequence trktr.nothing_contested has a value only then: otherwise the key must be looked up.
-- Called by: the trigger trktr_detect_update of each replicated table, for rows that are applied; its arguments are the
--            schema, the table (the root of partitions), and the columns of the key.
-- Session:   an apply worker's; the healer's.
-- Rights:    of the table's owner, on PostgreSQL 16 and later; else the arbiter's.
-- Settings:  reads trktr.stable_xid, trktr.origin, trktr.overwrite_log_empty, trktr.restoring and trktr.logged_table.
create or replace function trktr.detect_update() returns trigger
    language plpgsql
    stable
as $$
declare
    done text;
begin
    if pg_sequence_last_value('trktr.nothing_contested') is not null
        and (
            age(old.xmin) > age(nullif(current_setting('trktr.stable_xid', true), '')::xid)
            or (pg_xact_commit_timestamp_origin(old.xmin)).roident
                    = nullif(current_setting('trktr.origin', true), '')::oid
                and (
                    current_setting('trktr.overwrite_log_empty', true) = 'on'
                    or trktr.keeps_key(tg_argv, old, new))) then
        return new;
    end if;
    if current_setting('trktr.restoring', true) = 'on'
        or current_setting('trktr.logged_table', true) = tg_argv[0] || '.' || tg_argv[1] then
        return new;
    end if;
    -- An assignment costs a fraction of PERFORM.
    done := trktr.log_overwrite(tg_argv, old.xmin, tg_relid, old, new);
    return new;
end
$$;
