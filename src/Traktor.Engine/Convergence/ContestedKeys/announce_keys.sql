-- Announces unsent winners whose rows are written. Returns how many.
with announced as (
    update trktr.contested_key r
    set is_unsent = false,
        is_sent = true,
        heartbeat_seq = b.seq + 1
    from trktr.heartbeat b
    where b.node_id = @node
      and r.is_unsent
      and (not r.is_unapplied or r.is_incomplete)
    returning r.schema_name, r.table_name, r.key, r.stamp_at, r.stamp_node, r.image, r.is_incomplete
), sent as (
    insert into trktr.winner (node_id, seq, schema_name, table_name, key, stamp_at, stamp_node, image, is_incomplete)
    select
        @node,
        nextval('trktr.winner_seq'),
        schema_name,
        table_name,
        key,
        stamp_at,
        stamp_node,
        image,
        is_incomplete
    from announced
    returning 1
)
select count(*) from sent
