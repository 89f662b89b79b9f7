-- Writes the newest row of each account as this node's own, so that peers that have just begun to receive from this
-- node get all of them. Rows are deleted and inserted, not updated: a peer without one applies the insert.
-- Called by: AccountStore, in a transaction that has the lock 'accounts'.
-- Session:   the arbiter's, on its own node.
-- Rights:    the caller's.
-- Settings:  none.
create or replace function trktr.announce_accounts() returns void
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
declare
    own    constant integer := (select i.node_id from trktr.identity i);
    newest trktr.account[];
begin
    newest := array(
        select a
        from (
            select distinct on (b.kind, b.name) b.*
            from trktr.account b
            order by b.kind, b.name, b.changed_at desc, b.node_id desc) a);
    delete from trktr.account a
    where a.node_id = own;
    insert into trktr.account (node_id, kind, name, role, secret_hash, expires, is_removed, changed_at, changed_by)
    select own, a.kind, a.name, a.role, a.secret_hash, a.expires, a.is_removed, a.changed_at, a.changed_by
    from unnest(newest) a;
end
$$;
revoke all on function trktr.announce_accounts() from public;
