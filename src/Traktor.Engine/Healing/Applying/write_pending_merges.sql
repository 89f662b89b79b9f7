-- Rows that an operator merged. The arbiter writes them as ordinary rows once this transaction is committed.
insert into trktr.pending_merge (history_id)
select id
from trktr.history
where subscription = @name
  and lsn = @lsn::pg_lsn
  and resolution = 'merge'
  and resolved_by is not null
  and not exists (select from trktr.pending_merge d where d.history_id = history.id)
