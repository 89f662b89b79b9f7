-- Makes room for an account that a peer sends: a row with its key is left where the peer's database was made anew.
-- Called by: the trigger receive_account of trktr.account, for rows that are applied.
-- Session:   an apply worker's; the healer's.
-- Rights:    the arbiter's, as the owner of trktr.account.
-- Settings:  none.
create or replace function trktr.receive_account() returns trigger
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
begin
    delete from trktr.account a
    where (a.node_id, a.kind, a.name) = (new.node_id, new.kind, new.name);
    return new;
end
$$;
revoke all on function trktr.receive_account() from public;

create or replace trigger receive_account
    before insert on trktr.account
    for each row execute function trktr.receive_account();
alter table trktr.account enable replica trigger receive_account;
