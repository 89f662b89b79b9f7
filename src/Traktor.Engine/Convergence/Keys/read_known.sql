-- Everything known about the keys @keys, JSON [[schema, table, key], ...], as one JSON object; n is a key's position in
-- it. Run it after locking their rows.
with k as (
    select
        a.n::integer - 1 as n,
        a.k ->> 0 as schema_name,
        a.k ->> 1 as table_name,
        a.k ->> 2 as key
    from json_array_elements(@keys::json) with ordinality as a (k, n)
), o as materialized (
    select r.roident, trktr.node_of(r.roident) as node
    from pg_replication_origin r
    union all
    select 0, @node
)
select json_build_object(
    'now', clock_timestamp(),
    'next', (select b.seq + 1 from trktr.heartbeat b where b.node_id = @node),
    'overwrites', (
        select coalesce(
            json_agg(
                json_build_object(
                    'n', k.n,
                    'id', j.id,
                    'xid', j.xid::text::numeric,
                    'logged_at', j.logged_at,
                    'refused', j.is_refused,
                    'recorded', j.recorded,
                    'old_row', j.old_row::text,
                    'old_at', j.old_at,
                    'old_node', j.old_node,
                    'old_incomplete', j.old_incomplete,
                    'is_here', j.peer is null and j.operation = 'I' and j.old_row is null,
                    'new_row', j.new_row::text,
                    'new_at', coalesce(j.new_at, s.timestamp),
                    'new_node', coalesce(j.new_node, (select o.node from o where o.roident = s.roident)),
                    'new_incomplete', j.new_incomplete)
                order by j.id),
            '[]')
        from k
        join trktr.overwrite_log j
            on hashtextextended(j.key, 0) = hashtextextended(k.key, 0)
            and (j.schema_name, j.table_name, j.key) = (k.schema_name, k.table_name, k.key),
            pg_xact_commit_timestamp_origin(j.xid::xid) s),
    'winners', (
        select coalesce(
            json_agg(
                json_build_object(
                    'n', k.n,
                    'node', v.node_id,
                    'seq', v.seq,
                    'at', v.stamp_at,
                    'by', v.stamp_node,
                    'image', v.image::text,
                    'incomplete', v.is_incomplete)
                order by v.node_id, v.seq),
            '[]')
        from k
        join trktr.winner v
            on hashtextextended(v.key, 0) = hashtextextended(k.key, 0)
            and (v.schema_name, v.table_name, v.key) = (k.schema_name, k.table_name, k.key)
        where v.node_id <> @node),
    'contested', (
        select coalesce(
            json_agg(
                json_build_object(
                    'n', k.n,
                    'at', r.stamp_at,
                    'by', r.stamp_node,
                    'image', r.image::text,
                    'incomplete', r.is_incomplete,
                    'touched', r.heartbeat_seq,
                    'sent', r.is_sent,
                    'unapplied', r.is_unapplied,
                    'replaces_at', r.replaces_at,
                    'replaces_node', r.replaces_node,
                    'unsent', r.is_unsent,
                    'decided', r.decided)),
            '[]')
        from k
        -- A subquery, or the planner, while it takes the table for empty, reads it whole for every key.
        cross join lateral (
            select *
            from trktr.contested_key c
            where (c.schema_name, c.table_name, c.key) = (k.schema_name, k.table_name, k.key)
            offset 0
        ) r))::text
