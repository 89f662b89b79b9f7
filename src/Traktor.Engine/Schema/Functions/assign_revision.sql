-- Assigns a revision to every change of a history row after its insert. The trigger is ENABLE ALWAYS, because the
-- healing session runs as a replica.
-- Called by: the trigger assign_revision of trktr.history.
-- Session:   any that updates the history: the arbiter's, also the one that heals.
-- Rights:    the session's.
-- Settings:  none.
create or replace function trktr.assign_revision() returns trigger
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
begin
    new.revision := nextval('trktr.history_revision');
    return new;
end
$$;

create or replace trigger assign_revision
    before update on trktr.history
    for each row execute function trktr.assign_revision();
alter table trktr.history enable always trigger assign_revision;
