-- Records conflicts that need a decision. Those recorded before are updated; decisions are kept.
insert into trktr.history (
    subscription, peer, lsn, ordinal, occurred, relation, conflict_type, operation, unique_index, key,
    local_row, local_stamp, local_origin, remote_row, remote_stamp, remote_origin,
    sql_state_code, reason, policy, outcome)
select
    subscription, peer, lsn, ordinal, occurred, relation, conflict_type, operation, unique_index, key,
    local_row, local_stamp, local_origin, remote_row, remote_stamp, remote_origin,
    sql_state_code, reason, policy, outcome
from jsonb_populate_record(null::trktr.history, @conflict::jsonb)
on conflict (subscription, lsn, ordinal) do update
set conflict_type = excluded.conflict_type,
    operation = excluded.operation,
    unique_index = excluded.unique_index,
    key = excluded.key,
    local_row = excluded.local_row,
    local_stamp = excluded.local_stamp,
    local_origin = excluded.local_origin,
    remote_row = excluded.remote_row,
    sql_state_code = excluded.sql_state_code,
    reason = excluded.reason,
    policy = excluded.policy,
    outcome = excluded.outcome
where history.resolved is null
  and (history.conflict_type, history.local_row, history.local_stamp, history.remote_row, history.reason)
      is distinct from (
          excluded.conflict_type, excluded.local_row, excluded.local_stamp, excluded.remote_row, excluded.reason)
