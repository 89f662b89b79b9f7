-- Resolved conflicts, for psql users.
create or replace view trktr.resolutions as
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
    resolution,
    resolved_by,
    merged_row
from trktr.history
where resolved is not null;
