-- Refuses to go on where code of a table's owner changed something of the session that outlasts the statement in which
-- it ran: a setting, or what runs at the commit. What it set is undone with the transaction. A statement that it
-- prepared is harmless, since such a session calls none by name.
-- Triggers of ours set trktr.stable_xid while that statement runs, but never beyond what is stored. They also note
-- whether the overwrite log is empty, which is forgotten here: not to know it is always right. stable_before is what
-- trktr.stable_xid was before; null looks it up, which costs half as much as all the rest.
-- Called by: OwnerSession and the arbiter's routines, right after each statement that ran such code; truncate_tables.
-- Session:   any of the arbiter's that touches users' tables.
-- Rights:    the session's.
-- Settings:  compares settings_in_force with what they were before; reads trktr.stable_xid; clears
--            trktr.overwrite_log_empty. Until search_path is known to be unchanged, every name is qualified.
create or replace procedure trktr.require_untouched(expected text, stable_before text default null)
    language plpgsql
as $$
declare
    is_untouched boolean := trktr.settings_in_force() operator(pg_catalog.=) expected;
begin
    if is_untouched and current_setting('trktr.stable_xid', true) is distinct from stable_before then
        is_untouched := not exists (
            select
            from trktr.stable_xid h
            where age(coalesce(nullif(current_setting('trktr.stable_xid', true), ''), '0')::xid)
                < age(coalesce(h.xid::xid, '0'::xid)));
    end if;
    if not is_untouched then
        raise exception 'code of a table''s owner changed a setting of the arbiter''s session'
            using errcode = 'insufficient_privilege',
                hint = 'Let it use SET LOCAL inside a function with a SET clause, or not at all.';
    end if;
    if current_setting('trktr.overwrite_log_empty', true) = 'on' then
        perform set_config('trktr.overwrite_log_empty', '', false);
    end if;
    perform trktr.require_nothing_deferred();
end
$$;
