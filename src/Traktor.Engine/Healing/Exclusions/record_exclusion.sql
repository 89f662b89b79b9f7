-- Records a unique conflict. One that was recorded while it waited is updated.
insert into trktr.history (
    subscription, peer, lsn, ordinal, relation, conflict_type, operation, unique_index, key,
    local_row, local_stamp, local_origin, remote_row, remote_stamp, remote_origin,
    policy, outcome, resolution, reason, sql_state_code, resolved, resolved_by)
values (
    $1, $2, $3, $4, $5, $6, $7, $8, $9,
    $10, $11, $12, $13, $14, $2,
    $15, $16, $17, $18, $19,
    case when $17::text is not null then clock_timestamp() end,
    case when $17::text is not null then 'policy' end)
on conflict (subscription, lsn, ordinal) do update
set conflict_type = excluded.conflict_type,
    unique_index = excluded.unique_index,
    local_row = excluded.local_row,
    local_stamp = excluded.local_stamp,
    local_origin = excluded.local_origin,
    remote_row = excluded.remote_row,
    policy = excluded.policy,
    outcome = excluded.outcome,
    resolution = excluded.resolution,
    reason = excluded.reason,
    resolved = excluded.resolved,
    resolved_by = case when excluded.resolved is not null then coalesce(history.decided_by, 'policy') end
