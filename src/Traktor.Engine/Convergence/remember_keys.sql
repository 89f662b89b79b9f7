-- Remembers what was decided of keys: @entries is a JSON array of register rows.
insert into trktr.register (
    schema_name, table_name, key, stamp_at, stamp_node, image, is_partial, touched, is_sent, is_due, due_at, due_node, is_owed, decided)
select e.schema_name, e.table_name, e.key, e.stamp_at, e.stamp_node, e.image::json, e.is_partial, e.touched, e.is_sent, e.is_due, e.due_at, e.due_node, e.is_owed, e.decided
from json_to_recordset(@entries::json) as e (
    schema_name text, table_name text, key text, stamp_at timestamptz, stamp_node integer, image text, is_partial boolean, touched bigint,
    is_sent boolean, is_due boolean, due_at timestamptz, due_node integer, is_owed boolean, decided timestamptz)
on conflict (schema_name, table_name, key) do update set
    stamp_at = excluded.stamp_at, stamp_node = excluded.stamp_node, image = excluded.image, is_partial = excluded.is_partial, touched = excluded.touched,
    is_sent = excluded.is_sent, is_due = excluded.is_due, due_at = excluded.due_at, due_node = excluded.due_node, is_owed = excluded.is_owed, decided = excluded.decided
