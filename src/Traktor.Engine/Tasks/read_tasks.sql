-- Tasks as a JSON array, newest first: one (@Id), those of a kind (@Kind), those before another one (@Before), those
-- that are not finished (@IsUnfinished); at most @Limit.
select coalesce(json_agg(to_jsonb(t) || jsonb_build_object('items', (
    select coalesce(jsonb_agg(jsonb_build_object(
        'name', i.name,
        'rows_total', i.rows_total,
        'rows_done', i.rows_done,
        'bytes_total', i.bytes_total,
        'worked_ms', i.worked_ms,
        'is_finished', i.is_finished,
        'problem', i.problem) order by i.position), '[]')
    from trktr.task_item i
    where i.task_id = t.id)) order by t.id desc), '[]')::text
from (
    select *
    from trktr.task
    where (@Id::bigint is null or id = @Id)
      and (@Kind::text is null or kind = @Kind)
      and (@Before::bigint is null or id < @Before)
      and (not @IsUnfinished or finished_at is null)
    order by id desc
    limit @Limit
) t
