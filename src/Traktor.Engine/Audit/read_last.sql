-- The last entry of this node's chain.
select seq, at, hash
from trktr.audit
where incarnation = @incarnation
order by seq desc, at desc
limit 1
