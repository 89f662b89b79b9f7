-- PostgreSQL 15 has no "origin = none": it forwards what it applied, and takes whatever a peer forwards. So each transaction of a node's own sessions says whose it is
-- before its first change: a row here, which reaches those peers that have to tell (publication trktr_pub_origin_marks, inserts only), and is not stored there.
-- A forwarded transaction therefore carries no mark. The arbiter clears the rows.
create table trktr.origin_mark (
    node_id integer not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_insert_threshold = -1);
alter table trktr.origin_mark replica identity full;
create publication trktr_pub_origin_marks for table trktr.origin_mark with (publish = 'insert');

-- On each published table, always, so that it counts for who loads rows as a replica too; its argument is this node. Once a transaction: the note that it was done is a setting
-- local to the transaction, and goes with a savepoint that is rolled back as the mark itself does. A session that applies under a replication origin writes nothing of its own.
-- A search_path of its own would cost as much as all the rest, so every name is qualified instead.
create function trktr.mark_transaction() returns trigger
    language plpgsql security definer
as $$
begin
    if pg_catalog.current_setting('trktr.marked', true) operator(pg_catalog.=) pg_catalog.pg_current_xact_id()::pg_catalog.text then
        null;
    elsif not pg_catalog.pg_replication_origin_session_is_setup() then
        insert into trktr.origin_mark (node_id) values (tg_argv[0]::pg_catalog.int4);
        perform pg_catalog.set_config('trktr.marked', pg_catalog.pg_current_xact_id()::pg_catalog.text, true);
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

-- Peers whose streams need this node's marks: they say so before they make their slots.
create table trktr.marked_subscriber (
    node_id integer primary key
);
