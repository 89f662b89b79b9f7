-- Notes that a range of a table was compared, and adds the keys that were not equal in it (@keys, a JSON array).
with written as (
    update trktr.comparison_table
    set next_key = @next::text[],
        row_count = row_count + @rows,
        is_scanned = @isScanned
    where task_id = @id
      and schema_name = @schema
      and table_name = @name
    returning task_id, schema_name, table_name
)
insert into trktr.comparison_key (task_id, schema_name, table_name, key, seen)
select w.task_id, w.schema_name, w.table_name, array(select jsonb_array_elements_text(k.key)), k.seen
from written w
cross join jsonb_to_recordset(@keys::jsonb) as k (key jsonb, seen jsonb)
