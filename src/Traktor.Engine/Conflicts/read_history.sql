-- A page of healed conflicts, newest first.
select
    id, occurred, lsn::text as lsn, ordinal, subscription, peer, relation, conflict_type,
    key::text as key, remote_row::text as value, local_row::text as local_row, remote_row::text as remote_row,
    sql_state_code, reason, resolution, resolved, resolved_by
from trktr.history
where resolved is not null and (@before::bigint is null or id < @before)
order by id desc
limit @limit
