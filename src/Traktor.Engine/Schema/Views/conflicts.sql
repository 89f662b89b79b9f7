-- Conflicts that need a decision, for psql users.
create or replace view trktr.conflicts as
select
    id,
    occurred,
    lsn,
    ordinal,
    relation,
    conflict_type,
    operation,
    key,
    remote_row as value,
    local_row,
    local_stamp,
    local_origin,
    remote_stamp,
    remote_origin,
    resolved,
    subscription,
    peer,
    sql_state_code,
    reason,
    policy,
    decision,
    decided_by,
    decided_at
from trktr.history
where resolved is null;
