-- Deletes a batch of old resolved conflicts and adds to the count of purged ones. Returns how many.
with old as (
    select id
    from trktr.history
    where resolved < @before
    order by id
    limit @limit
    for update skip locked
), deleted as (
    delete from trktr.history h
    using old
    where h.id = old.id
    returning h.id
), counted as (
    update trktr.history_purged
    set entries = entries + (select count(*) from deleted)
    where exists (select from deleted)
)
select count(*) from deleted
