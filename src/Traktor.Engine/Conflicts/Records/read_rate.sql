-- A stretch of the history, newest first: its conflicts a minute by table and type as a JSON array, how many there are,
-- the least and the greatest number, and whether it reaches back far enough. Numbers follow the time closely, and an
-- index on the time would cost every heal: so stretches are read until one reaches back.
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
