-- A page of keys of a table of comparison @id, as a JSON array: those without a verdict (@isOpen), or those with one.
select coalesce(json_agg(json_build_object(
    'id', k.id,
    'key', k.key,
    'seen', k.seen,
    'confirmed', k.confirmed,
    'verdict', k.verdict) order by k.id), '[]')::text
from (
    select *
    from trktr.comparison_key
    where task_id = @id
      and schema_name = @schema
      and table_name = @name
      and (verdict is null) = @isOpen
      and id > @after
    order by id
    limit @limit
) k
