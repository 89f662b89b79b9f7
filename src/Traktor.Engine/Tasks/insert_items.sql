-- Makes the parts of task @id known in their order; those that are known already stay as they are.
insert into trktr.task_item (task_id, name, position, rows_total, bytes_total)
select @id, p.name, p.position, p.row_count, p.byte_count
from unnest(@names::text[], @rows::bigint[], @bytes::bigint[]) with ordinality as p (name, row_count, byte_count, position)
on conflict do nothing
