-- Deletes marks that were sent; only inserts are published. Returns how many, at most 10,000.
with deleted as (
    delete from trktr.origin_mark
    where ctid = any (array(select ctid from trktr.origin_mark limit 10000))
    returning 1
)
select count(*)::integer from deleted
