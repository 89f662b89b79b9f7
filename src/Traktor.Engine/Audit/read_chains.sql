-- All entries, each node's in order, for the check of the chains.
select
    node_id,
    incarnation,
    seq,
    at,
    request_seq,
    actor_kind,
    actor,
    role,
    address,
    channel,
    via_node,
    action,
    target,
    outcome,
    detail,
    state_before,
    state_after,
    previous_hash,
    hash
from trktr.audit
order by node_id, incarnation, seq, at
