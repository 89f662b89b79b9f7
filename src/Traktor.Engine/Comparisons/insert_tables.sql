-- Adds the tables of comparison @id.
insert into trktr.comparison_table (task_id, schema_name, table_name, nodes, share)
select @id, t.schema_name, t.table_name, @nodes, @share
from unnest(@schemas::text[], @names::text[]) as t (schema_name, table_name)
