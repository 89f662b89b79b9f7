-- A part of the history, newest first: its conflicts per minute by table and type as a JSON array, their number, the
-- lowest and the greatest id, and whether it reaches far enough back. Ids follow the time closely, and an index on the
-- time would slow every heal: therefore parts are read until one reaches back far enough.
with stretch as (
    select id, occurred, relation, conflict_type
    from trktr.history
    where @before::bigint is null
       or id < @before
    order by id desc
    limit @limit
), minutes as (
    select date_trunc('minute', occurred) as minute, relation, conflict_type, count(*) as conflicts
    from stretch
    where occurred >= now() - make_interval(mins => @minutes)
    group by 1, 2, 3
)
select
    (select count(*) from stretch) as entries,
    coalesce((select min(id) from stretch), 0) as first_id,
    coalesce((select max(id) from stretch), 0) as last_id,
    coalesce((select min(occurred) < now() - make_interval(mins => @minutes) from stretch), true) as is_far_enough,
    coalesce((select json_agg(m) from minutes m), '[]')::text as minutes
