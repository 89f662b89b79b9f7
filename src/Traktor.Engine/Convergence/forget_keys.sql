-- Forgets keys that everybody has heard of (touched is one of @heard) and of which nothing waits; not those of which nobody has sent the complete row, which are returned as JSON.
with gone as (
    delete from trktr.register r
    where r.touched = any (@heard::bigint[]) and not r.is_owed and not r.is_due and not r.is_partial
      and not exists (select from trktr.journal j where hashtextextended(j.key, 0) = hashtextextended(r.key, 0) and (j.schema_name, j.table_name, j.key) = (r.schema_name, r.table_name, r.key))
      and not exists (select from trktr.verdict v where hashtextextended(v.key, 0) = hashtextextended(r.key, 0) and v.node_id <> @node and (v.schema_name, v.table_name, v.key) = (r.schema_name, r.table_name, r.key))
)
select coalesce(json_agg(json_build_array(r.schema_name, r.table_name, r.key)), '[]')::text
from trktr.register r
where r.touched = any (@heard::bigint[]) and not r.is_owed and r.is_partial
  and not exists (select from trktr.journal j where hashtextextended(j.key, 0) = hashtextextended(r.key, 0) and (j.schema_name, j.table_name, j.key) = (r.schema_name, r.table_name, r.key))
  and not exists (select from trktr.verdict v where hashtextextended(v.key, 0) = hashtextextended(r.key, 0) and v.node_id <> @node and (v.schema_name, v.table_name, v.key) = (r.schema_name, r.table_name, r.key))
