-- Deletes tasks that were finished before @before, with their parts and logs, and what belongs to them in other tables.
delete from trktr.task
where finished_at < @before
