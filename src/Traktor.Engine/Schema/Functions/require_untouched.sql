-- Refuses to go on where code of a table's owner changed something of the session that outlasts the statement in which
-- it ran: a setting, or what runs at the commit. What it set is undone with the transaction. A statement that it
-- prepared is harmless, since such a session calls none by name.
-- Called by: OwnerSession, right after each statement that ran such code.
-- Session:   any of the arbiter's that touches users' tables.
-- Rights:    the session's.
-- Settings:  compares settings_in_force with what they were before. Names are qualified, since search_path may be
--            another.
create or replace procedure trktr.require_untouched(expected text)
    language plpgsql
as $$
begin
    if trktr.settings_in_force() operator(pg_catalog.<>) expected then
        raise exception 'code of a table''s owner changed a setting of the arbiter''s session'
            using errcode = 'insufficient_privilege',
                hint = 'Let it use SET LOCAL inside a function with a SET clause, or not at all.';
    end if;
    perform trktr.require_nothing_deferred();
end
$$;
