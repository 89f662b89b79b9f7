-- Deletes entries that are too old, oldest first. entries: how many; last: the number of this node's last among them.
with old as (
    select incarnation, seq, hash
    from trktr.audit
    where at < @before
    order by at, node_id, seq
    limit @limit
), gone as (
    delete from trktr.audit a
    using old o
    where (a.incarnation, a.seq, a.hash) = (o.incarnation, o.seq, o.hash)
    returning a.incarnation, a.seq
)
select
    count(*) as entries,
    max(seq) filter (where incarnation = @incarnation) as last
from gone
