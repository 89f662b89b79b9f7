-- Keeps what a peer's audit log says: a row that is here is not added again, and none is changed or deleted because a
-- peer did so. Each node deletes its own copies when they are too old.
-- Called by: the trigger receive_audit of trktr.audit, for rows that are applied.
-- Session:   an apply worker's; the healer's.
-- Rights:    the arbiter's, as the owner of trktr.audit.
-- Settings:  none.
create or replace function trktr.receive_audit() returns trigger
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'INSERT' and not exists (
        select
        from trktr.audit a
        where (a.incarnation, a.seq, a.hash) = (new.incarnation, new.seq, new.hash))
    then
        return new;
    end if;
    return null;
end
$$;
revoke all on function trktr.receive_audit() from public;

create or replace trigger receive_audit
    before insert or update or delete on trktr.audit
    for each row execute function trktr.receive_audit();
alter table trktr.audit enable replica trigger receive_audit;
