-- The newest row of an account, also when it is removed.
select role, secret_hash, expires, is_removed, changed_at
from trktr.account
where kind = @kind
  and name = @name
order by changed_at desc, node_id desc
limit 1
