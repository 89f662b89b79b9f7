-- What a decision needs and leaves behind. "ordinal" numbers the changes of a remote transaction from 1; "lsn" is that transaction's end.
-- local_row is the row in the way; of multiple_unique_conflicts the array of them. "outcome" is what the policy said, "decision" what somebody said by hand, "resolution" what was done.
alter table trktr.history
    add column operation    text,
    add column unique_index text,
    add column outcome      text,
    add column decision     text,
    add column merged_row   jsonb,
    add column decided_by   text,
    add column decided_at   timestamptz,
    add column revision     bigint,
    add constraint history_conflict_type_check check (conflict_type in (
        'insert_exists', 'update_exists', 'update_origin_differs', 'update_missing',
        'delete_origin_differs', 'delete_missing', 'multiple_unique_conflicts', 'apply_error')),
    add constraint history_operation_check check (operation in ('insert', 'update', 'delete', 'truncate')),
    add constraint history_policy_check check (policy in (
        'last_update_wins', 'first_update_wins', 'node_priority', 'keep_local', 'apply_remote', 'manual')),
    add constraint history_outcome_check check (outcome in ('apply_remote', 'keep_local', 'decision_needed')),
    add constraint history_decision_check check (decision in ('keep_local', 'apply_remote', 'newest', 'merge')),
    add constraint history_decided_check check ((decision is null) = (decided_at is null) and (decision is null) = (decided_by is null)),
    add constraint history_merge_check check ((decision is not distinct from 'merge') = (merged_row is not null)),
    add constraint history_resolved_check check (resolved is null or resolution is not null)
