-- As detect_update, for applied deletes. A node's delete of its own version is ordinary only while the overwrite log is
-- empty: otherwise the version may have just been announced as the winner, and no other node would know that its own
-- node deleted it.
-- Called by: the trigger trktr_detect_delete of each replicated table, for rows that are applied; its arguments are the
--            schema, the table (the root of partitions), and the columns of the key.
-- Session:   an apply worker's; the healer's.
-- Rights:    of the table's owner, on PostgreSQL 16 and later; else the arbiter's.
-- Settings:  reads trktr.stable_xid, trktr.origin, trktr.overwrite_log_empty, trktr.restoring and trktr.logged_table.
create or replace function trktr.detect_delete() returns trigger
    language plpgsql
    stable
as $$
declare
    done text;
begin
    if pg_sequence_last_value('trktr.nothing_contested') is not null
        and (
            age(old.xmin) > age(nullif(current_setting('trktr.stable_xid', true), '')::xid)
            or current_setting('trktr.overwrite_log_empty', true) = 'on'
                and (pg_xact_commit_timestamp_origin(old.xmin)).roident
                    = nullif(current_setting('trktr.origin', true), '')::oid) then
        return old;
    end if;
    if current_setting('trktr.restoring', true) = 'on'
        or current_setting('trktr.logged_table', true) = tg_argv[0] || '.' || tg_argv[1] then
        return old;
    end if;
    -- An assignment costs a fraction of PERFORM.
    done := trktr.log_overwrite(tg_argv, old.xmin, tg_relid, old, null);
    return old;
end
$$;
