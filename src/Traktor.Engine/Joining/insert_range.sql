-- Notes a range of pages as copied, in the transaction that wrote its rows.
insert into trktr.join_range (task_id, schema_name, table_name, part, first_page, row_count, worked_ms)
values (@task, @schema, @name, @part, @first, @rows, @workedMs)
