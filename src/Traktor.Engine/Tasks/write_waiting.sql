-- Notes what task @id waits for (@what, null for nothing).
update trktr.task
set waits_for = @what
where id = @id
  and waits_for is distinct from @what
