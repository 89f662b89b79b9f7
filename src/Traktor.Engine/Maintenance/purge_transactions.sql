-- Deletes a batch of remote transactions that no longer have a conflict. Returns how many.
with old as (
    select t.subscription, t.lsn
    from trktr.remote_transaction t
    where t.committed < @before
      and not exists (select from trktr.history h where h.subscription = t.subscription and h.lsn = t.lsn)
    limit @limit
    for update skip locked
), deleted as (
    delete from trktr.remote_transaction t
    using old
    where t.subscription = old.subscription
      and t.lsn = old.lsn
    returning 1
)
select count(*) from deleted
