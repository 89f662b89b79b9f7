-- Deletes a batch of conflicts that were resolved long ago and counts them; returns how many.
with old as (
    select id
    from trktr.history
    where resolved < @before
    order by id
    limit @limit
    for update skip locked
), gone as (
    delete from trktr.history h
    using old
    where h.id = old.id
    returning h.id
), counted as (
    update trktr.history_purged
    set entries = entries + (select count(*) from gone)
    where exists (select from gone)
)
select count(*) from gone
