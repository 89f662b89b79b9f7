-- The newest @limit lines of the log of task @id, oldest first.
select at, text
from (
    select id, at, text
    from trktr.task_log
    where task_id = @id
    order by id desc
    limit @limit
) l
order by id
