-- Deletes heartbeats that are no longer needed: those before the last one that every node has acknowledged (@nodes with
-- @acknowledged), and those of nodes that left. While a node is unreachable nothing is acknowledged: then one a minute
-- is kept of those older than two minutes, and one an hour of those older than two hours. Missing ones only make the
-- stable xid older.
with last as (
    select node_id, max(seq) as seq
    from trktr.heartbeat_receipt
    group by node_id
)
delete from trktr.heartbeat_receipt h
using last l
where l.node_id = h.node_id
  and (h.node_id <> all (@members::integer[])
      or h.seq < l.seq
          and (h.seq < (
                  select a.seq
                  from unnest(@nodes::integer[], @acknowledged::bigint[]) a (node, seq)
                  where a.node = h.node_id)
              or h.seq < l.seq - 120 and h.seq % 60 <> 0
              or h.seq < l.seq - 7200 and h.seq % 3600 <> 0))
