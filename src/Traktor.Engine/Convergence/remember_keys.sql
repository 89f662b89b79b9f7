-- Remembers what was decided of keys, and sends as verdicts what is owed and need not wait for its row, as tell_keys
-- does: @entries is a JSON array of register rows.
with e as materialized (
    select e.*, b.seq + 1 as next, b.seq is not null and e.is_owed and (not e.is_due or e.is_partial) as is_told
    from json_to_recordset(@entries::json) as e (
        schema_name text, table_name text, key text, stamp_at timestamptz, stamp_node integer, image text, is_partial boolean, touched bigint,
        is_sent boolean, is_due boolean, due_at timestamptz, due_node integer, is_owed boolean, decided timestamptz)
    left join trktr.heartbeat b on b.node_id = @node
), remembered as (
    insert into trktr.register (
        schema_name, table_name, key, stamp_at, stamp_node, image, is_partial, touched, is_sent, is_due, due_at, due_node, is_owed, decided)
    select schema_name, table_name, key, stamp_at, stamp_node, image::json, is_partial, case when is_told then next else touched end, is_sent or is_told, is_due, due_at, due_node,
        is_owed and not is_told, decided
    from e
    on conflict (schema_name, table_name, key) do update set
        stamp_at = excluded.stamp_at, stamp_node = excluded.stamp_node, image = excluded.image, is_partial = excluded.is_partial, touched = excluded.touched,
        is_sent = excluded.is_sent, is_due = excluded.is_due, due_at = excluded.due_at, due_node = excluded.due_node, is_owed = excluded.is_owed, decided = excluded.decided
)
insert into trktr.verdict (node_id, seq, schema_name, table_name, key, stamp_at, stamp_node, image, is_partial)
select @node, nextval('trktr.verdict_seq'), schema_name, table_name, key, stamp_at, stamp_node, image::json, is_partial from e where is_told
