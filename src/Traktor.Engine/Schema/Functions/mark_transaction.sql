-- Marks a transaction of the node's own sessions before its first change with a row in trktr.origin_mark, once for each
-- transaction: a transaction-local setting records it, and a rollback to a savepoint undoes both. A session that
-- applies under a replication origin writes nothing of its own. A search_path setting would cost as much as everything
-- else, so every name is qualified instead.
-- Called by: the trigger trktr_mark of each published table where this node marks, always, so that it counts for who
--            loads rows as a replica too; its argument is this node.
-- Session:   the application's; the arbiter's.
-- Rights:    the arbiter's (security definer), as the owner of trktr.origin_mark.
-- Settings:  reads trktr.marked_xid; sets it for the transaction.
create or replace function trktr.mark_transaction() returns trigger
    language plpgsql
    security definer
as $$
begin
    if pg_catalog.current_setting('trktr.marked_xid', true)
        operator(pg_catalog.=) pg_catalog.pg_current_xact_id()::pg_catalog.text then
        null;
    elsif not pg_catalog.pg_replication_origin_session_is_setup() then
        insert into trktr.origin_mark (node_id)
        values (tg_argv[0]::pg_catalog.int4);
        perform pg_catalog.set_config('trktr.marked_xid', pg_catalog.pg_current_xact_id()::pg_catalog.text, true);
    end if;
    if tg_level operator(pg_catalog.=) 'STATEMENT' then
        return null;
    elsif tg_op operator(pg_catalog.=) 'DELETE' then
        return old;
    end if;
    return new;
end
$$;
revoke all on function trktr.mark_transaction() from public;
