-- Records versions that lost. @losses is a JSON array. With @written, records them only if ConvergedTable.Write has
-- just written a row. The WAL position and the number in the batch identify an entry, as the peer's position does for
-- conflicts that the healer detects.
insert into trktr.history (
    subscription, peer, lsn, ordinal, relation, conflict_type, operation, unique_index, key,
    local_row, local_stamp, local_origin, remote_row, remote_stamp, remote_origin,
    reason, policy, outcome, resolution, resolved, resolved_by)
select
    l.subscription,
    l.peer,
    w.lsn,
    l.ordinal,
    l.relation,
    l.conflict_type,
    l.operation,
    l.unique_index,
    l.key::jsonb,
    case when l.holds_json then trktr.row_as_jsonb(l.local_row::json) else l.local_row::jsonb end,
    l.local_stamp,
    l.local_origin,
    case when l.holds_json then trktr.row_as_jsonb(l.remote_row::json) else l.remote_row::jsonb end,
    l.remote_stamp,
    l.remote_origin,
    l.reason,
    l.policy,
    l.outcome,
    l.outcome,
    clock_timestamp(),
    'convergence'
from json_to_recordset(@losses::json) as l (
    subscription text,
    peer integer,
    ordinal integer,
    relation text,
    conflict_type text,
    operation text,
    unique_index text,
    key text,
    local_row text,
    local_stamp timestamptz,
    local_origin integer,
    remote_row text,
    remote_stamp timestamptz,
    remote_origin integer,
    reason text,
    policy text,
    outcome text,
    holds_json boolean),
    pg_current_wal_insert_lsn() as w (lsn)
where not @written
   or current_setting('trktr.rows_written', true) = '1'
order by l.ordinal
