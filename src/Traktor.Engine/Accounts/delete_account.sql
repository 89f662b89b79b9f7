-- Deletes this node's own row of an account, before the next state of the account is inserted.
delete from trktr.account
where node_id = @node
  and kind = @kind
  and name = @name
