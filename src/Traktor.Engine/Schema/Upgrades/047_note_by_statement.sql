-- As 032 made them; trktr.overwrites_logged names the table whose hits the healer's statement notes itself, a whole run at once.
create or replace function trktr.detect_update() returns trigger
    language plpgsql stable
as $$
begin
    if (age(old.xmin) > age(nullif(current_setting('trktr.stable_xid', true), '')::xid)
        or (pg_xact_commit_timestamp_origin(old.xmin)).roident = nullif(current_setting('trktr.origin', true), '')::oid)
       and not pg_try_advisory_xact_lock_shared(7824051, 1) then
        return new;
    end if;
    if current_setting('trktr.overwrites_logged', true) = tg_argv[0] || '.' || tg_argv[1] then
        return new;
    end if;
    perform trktr.log_overwrite(tg_argv, old.xmin, tg_relid, old, new);
    return new;
end
$$;
create or replace function trktr.detect_delete() returns trigger
    language plpgsql stable
as $$
begin
    if (age(old.xmin) > age(nullif(current_setting('trktr.stable_xid', true), '')::xid)
        or current_setting('trktr.quiet', true) = 'on'
            and (pg_xact_commit_timestamp_origin(old.xmin)).roident = nullif(current_setting('trktr.origin', true), '')::oid)
       and not pg_try_advisory_xact_lock_shared(7824051, 1) then
        return old;
    end if;
    if current_setting('trktr.overwrites_logged', true) = tg_argv[0] || '.' || tg_argv[1] then
        return old;
    end if;
    perform trktr.log_overwrite(tg_argv, old.xmin, tg_relid, old, null);
    return old;
end
$$
