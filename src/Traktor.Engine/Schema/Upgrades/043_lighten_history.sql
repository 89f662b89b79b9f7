-- The server reads and prepares every check constraint anew for each statement that writes the table: a fifth of the time of a healed transaction went into these eight.
-- What they held is held where it is written: the words are ConflictWords', a decision is written by record_decision.sql alone.
alter table trktr.history
    drop constraint history_conflict_type_check,
    drop constraint history_operation_check,
    drop constraint history_policy_check,
    drop constraint history_outcome_check,
    drop constraint history_decision_check,
    drop constraint history_decided_check,
    drop constraint history_merge_check,
    drop constraint history_resolved_check;
