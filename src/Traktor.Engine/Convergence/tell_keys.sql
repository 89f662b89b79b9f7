-- Sends what is owed as verdicts, once the rows are as they say; returns how many.
with told as (
    update trktr.register r
    set is_owed = false, is_sent = true, touched = b.seq + 1
    from trktr.heartbeat b
    where b.node_id = @node and r.is_owed and (not r.is_due or r.is_partial)
    returning r.schema_name, r.table_name, r.key, r.stamp_at, r.stamp_node, r.image, r.is_partial
), sent as (
    insert into trktr.verdict (node_id, seq, schema_name, table_name, key, stamp_at, stamp_node, image, is_partial)
    select @node, nextval('trktr.verdict_seq'), schema_name, table_name, key, stamp_at, stamp_node, image, is_partial from told
    returning 1
)
select count(*) from sent
