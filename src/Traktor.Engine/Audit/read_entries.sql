-- A page of the audit log, newest first. before_at, before_node, before_seq: continue after this entry.
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
from trktr.audit a
where (@node::integer is null or node_id = @node)
  and (@actor::text is null or actor = @actor)
  and (@action::text is null or action = @action)
  and (@outcome::text is null or outcome = @outcome)
  and (@since::timestamptz is null or at >= @since)
  and (@until::timestamptz is null or at < @until)
  and (@beforeAt::timestamptz is null or (at, node_id, seq) < (@beforeAt, @beforeNode::integer, @beforeSeq::bigint))
order by at desc, node_id desc, seq desc
limit @limit
