-- Forgets keys that everybody has heard of (touched is @heard or older) and of which nothing waits, at most @most; not
-- those of which nobody has sent the complete row: of these @limit, any, are returned as JSON.
with complete as (
    select r.ctid as place
    from trktr.register r
    where r.touched <= @heard and not r.is_owed and not r.is_due and not r.is_partial
      and not exists (select from trktr.journal j where hashtextextended(j.key, 0) = hashtextextended(r.key, 0) and (j.schema_name, j.table_name, j.key) = (r.schema_name, r.table_name, r.key))
      and not exists (select from trktr.verdict v where hashtextextended(v.key, 0) = hashtextextended(r.key, 0) and v.node_id <> @node and (v.schema_name, v.table_name, v.key) = (r.schema_name, r.table_name, r.key))
    limit @most
), gone as (
    delete from trktr.register r where r.ctid = any (array(select place from complete))
), mixtures as (
    select r.schema_name, r.table_name, r.key
    from trktr.register r
    where r.touched <= @heard and not r.is_owed and r.is_partial
      and not exists (select from trktr.journal j where hashtextextended(j.key, 0) = hashtextextended(r.key, 0) and (j.schema_name, j.table_name, j.key) = (r.schema_name, r.table_name, r.key))
      and not exists (select from trktr.verdict v where hashtextextended(v.key, 0) = hashtextextended(r.key, 0) and v.node_id <> @node and (v.schema_name, v.table_name, v.key) = (r.schema_name, r.table_name, r.key))
    order by random()
    limit @limit
)
select coalesce(json_agg(json_build_array(schema_name, table_name, key)), '[]')::text from mixtures
