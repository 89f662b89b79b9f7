-- Records once that a change cannot be applied to its table.
insert into trktr.history (
    subscription, peer, lsn, ordinal, relation, conflict_type, operation, key,
    remote_row, remote_stamp, remote_origin, sql_state_code, reason, outcome)
values (
    @name, @peer, @lsn::pg_lsn, @ordinal, @relation, 'apply_error', @operation, @key::jsonb,
    @row::jsonb, @committed, @peer, @state, @reason, 'decision_needed')
on conflict (subscription, lsn, ordinal) do update
set conflict_type = 'apply_error',
    sql_state_code = excluded.sql_state_code,
    reason = excluded.reason,
    outcome = excluded.outcome
where history.resolved is null
  and (history.conflict_type, history.sql_state_code, history.reason)
      is distinct from ('apply_error', excluded.sql_state_code, excluded.reason)
