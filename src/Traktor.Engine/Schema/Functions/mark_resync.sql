-- Records that a peer may lack rows of every open table that ever had any here, or of which that is on record already.
-- Called by: register_subscriber; receive_heartbeat, for a gap.
-- Session:   the peer's, on this node; an apply worker's; the healer's.
-- Rights:    the caller's, which runs with the arbiter's.
-- Settings:  none.
create or replace function trktr.mark_resync(peer integer, why text) returns void
    language sql
    set search_path = pg_catalog, pg_temp
as $$
    insert into trktr.resync as y (node_id, schema_name, table_name, reason)
    select mark_resync.peer, r.schema_name, r.table_name, mark_resync.why
    from trktr.replicaset r
    join pg_namespace n on n.nspname = r.schema_name
    join pg_class c on c.relnamespace = n.oid and c.relname = r.table_name
    where r.committed is not null
      and (pg_relation_size(c.oid) > 0
          or exists (
              select
              from pg_partition_tree(c.oid) t
              where pg_relation_size(t.relid) > 0)
          or exists (
              select
              from trktr.resync k
              where (k.node_id, k.schema_name, k.table_name) = (mark_resync.peer, r.schema_name, r.table_name)))
    on conflict (node_id, schema_name, table_name) do update
    set reason = excluded.reason,
        since = excluded.since,
        id = excluded.id
$$;
revoke all on function trktr.mark_resync(integer, text) from public;
