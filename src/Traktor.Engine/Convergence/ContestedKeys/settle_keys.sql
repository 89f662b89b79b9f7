-- Settles keys of table @schema, @table whose row here is the greatest version of all, as KeyRules.Decide decides, many
-- at a time: stores them as contested, announces them, records what lost, and deletes their log entries. The row of
-- each of @keys is locked; @images, @times and @nodes say what it is: complete, and with a stamp. @policy is the
-- table's, @holdsJson whether its images may hold what jsonb does not allow, @node this node.
-- Left alone are keys that need more: one with a version that is greater than the row, incomplete, deleted by an
-- applied change or not known; with several changes of one transaction; or whose contested version still has to be
-- written or announced. Returns the positions (from 0) of those that are settled, and their winners, which the applying
-- session then deletes.
with o as materialized (
    select r.roident, trktr.node_of(r.roident) as node
    from pg_replication_origin r
    union all
    select 0, @node
), b as materialized (
    select max(seq) + 1 as next
    from trktr.heartbeat
    where node_id = @node
), k as materialized (
    select n::integer - 1 as n, key, image, stamp_at, stamp_node
    from unnest(@keys::text[], @images::text[], @times::timestamptz[], @nodes::integer[])
        with ordinality as k (key, image, stamp_at, stamp_node, n)
), waiting as (
    -- A row for each logged overwrite and each winner: of a winner, new_row is its image.
    select
        k.*,
        f.*,
        c.key is not null as is_contested,
        coalesce(
            (c.stamp_at, c.stamp_node) <= (k.stamp_at, k.stamp_node)
            and not c.is_unapplied
            and not c.is_unsent,
            true) as is_at_rest,
        coalesce(
            (c.stamp_at, c.stamp_node) = (k.stamp_at, k.stamp_node)
            and c.image is not null
            and not c.is_incomplete,
            false) as is_same,
        c.is_sent as was_sent,
        c.heartbeat_seq as touched,
        f.xid = lag(f.xid) over by_key as is_continued
    from k
    -- A subquery, or the planner, while it takes the table for empty, reads it whole for every key.
    left join lateral (
        select *
        from trktr.contested_key r
        where (r.schema_name, r.table_name, r.key) = (@schema, @table, k.key)
        offset 0
    ) c on true
    cross join lateral (
        select
            false as is_winner,
            j.id as place,
            null::integer as winner_node,
            j.xid,
            j.operation = 'U' and not j.is_refused and not j.old_incomplete as is_plain,
            j.old_row,
            j.old_at,
            coalesce(j.old_node, @node) as old_node,
            j.new_row,
            coalesce(j.new_at, pg_xact_commit_timestamp(j.xid::xid)) as new_at,
            coalesce(
                j.new_node,
                (
                    select o.node
                    from o
                    where o.roident = (pg_xact_commit_timestamp_origin(j.xid::xid)).roident
                ),
                @node) as new_node,
            j.new_incomplete,
            j.recorded
        from trktr.overwrite_log j
        where hashtextextended(j.key, 0) = hashtextextended(k.key, 0)
          and (j.schema_name, j.table_name, j.key) = (@schema, @table, k.key)
        union all
        select
            true, v.seq, v.node_id, null, true, null, null, null, v.image, v.stamp_at, v.stamp_node, v.is_incomplete,
            null
        from trktr.winner v
        where hashtextextended(v.key, 0) = hashtextextended(k.key, 0)
          and (v.schema_name, v.table_name, v.key) = (@schema, @table, k.key)
          and v.node_id <> @node
    ) f
    window by_key as (partition by k.n order by f.is_winner, f.place)
), judged as materialized (
    select
        w.*,
        bool_and(
            w.is_at_rest
            and w.is_plain
            and not w.new_incomplete
            and coalesce((w.new_at, w.new_node) <= (w.stamp_at, w.stamp_node), false)
            and (
                w.is_winner
                or w.is_continued is not true
                    and w.old_row is not null
                    and w.new_row is not null
                    and coalesce(w.old_at >= '1970-01-02 00:00:00+00', false)
                    and w.new_at >= '1970-01-02 00:00:00+00'
                    and (w.old_at, w.old_node) <= (w.stamp_at, w.stamp_node))) over by_key as is_settled,
        bool_or(not w.is_winner) over by_key as is_overwritten,
        bool_or(
            w.is_winner
            and ((w.new_at, w.new_node) < (w.stamp_at, w.stamp_node) or w.new_row is null)) over by_key as is_behind,
        -- One node goes on writing a row that only it writes.
        w.is_contested
            and bool_and(
                not w.is_winner
                and w.old_node = w.new_node
                and w.new_at > w.old_at) over by_key
            and first_value(w.new_node) over in_order = w.stamp_node as is_succession,
        row_number() over in_order = 1 as is_first
    from waiting w
    window
        by_key as (partition by w.n),
        in_order as (partition by w.n order by w.is_winner, w.place desc)
), settled as materialized (
    select
        j.*,
        b.next,
        j.is_same and not j.is_overwritten and j.was_sent as was_told,
        not j.is_succession
            and (j.is_overwritten or j.is_behind)
            and not (j.is_same and not j.is_overwritten and j.was_sent) as is_announced
    from judged j
    cross join b
    where j.is_settled
), stored as (
    insert into trktr.contested_key (
        schema_name, table_name, key, stamp_at, stamp_node, image, heartbeat_seq, is_sent, is_unsent, decided)
    select
        @schema,
        @table,
        key,
        stamp_at,
        stamp_node,
        image::json,
        case when is_succession then touched else coalesce(next, 0) end,
        was_told or is_announced and next is not null,
        is_announced and next is null,
        clock_timestamp()
    from settled
    where is_first
    on conflict (schema_name, table_name, key) do update
    set stamp_at = excluded.stamp_at,
        stamp_node = excluded.stamp_node,
        image = excluded.image,
        is_incomplete = excluded.is_incomplete,
        heartbeat_seq = excluded.heartbeat_seq,
        is_sent = excluded.is_sent,
        is_unapplied = excluded.is_unapplied,
        replaces_at = excluded.replaces_at,
        replaces_node = excluded.replaces_node,
        is_unsent = excluded.is_unsent,
        decided = excluded.decided
), announced as (
    insert into trktr.winner (node_id, seq, schema_name, table_name, key, stamp_at, stamp_node, image)
    select @node, nextval('trktr.winner_seq'), @schema, @table, key, stamp_at, stamp_node, image::json
    from settled
    where is_first
      and is_announced
      and next is not null
), deleted as (
    delete from trktr.overwrite_log
    where id = any (array(select place from settled where not is_winner))
), recorded as (
    -- As LossRecord does.
    insert into trktr.history (
        subscription, peer, lsn, ordinal, relation, conflict_type, operation, key,
        local_row, local_stamp, local_origin, remote_row, remote_stamp, remote_origin,
        reason, policy, outcome, resolution, resolved, resolved_by)
    select
        format('trktr_sub_%s_%s', @node, l.peer),
        l.peer,
        pg_current_wal_insert_lsn(),
        row_number() over (order by l.place),
        @relation,
        'update_origin_differs',
        'update',
        l.key::jsonb,
        case when @holdsJson then trktr.row_as_jsonb(l.old_row) else l.old_row::jsonb end,
        l.old_at,
        l.old_node,
        case when @holdsJson then trktr.row_as_jsonb(l.new_row) else l.new_row::jsonb end,
        l.new_at,
        l.new_node,
        case
            when (l.new_at, l.new_node) > (l.old_at, l.old_node)
                then format('%s is after %s.', l.new_stamp, l.old_stamp)
            else format('%s overwrote %s, and a later version has replaced it.', l.new_stamp, l.old_stamp)
        end,
        @policy,
        'apply_remote',
        'apply_remote',
        clock_timestamp(),
        'convergence'
    from (
        select
            s.*,
            case when s.new_node <> @node then s.new_node else s.old_node end as peer,
            format('%sZ on node %s', to_char(s.old_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), s.old_node)
                as old_stamp,
            format('%sZ on node %s', to_char(s.new_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), s.new_node)
                as new_stamp
        from settled s
        where not s.is_winner
          and not s.is_succession
          and (s.old_at, s.old_node) <> (s.stamp_at, s.stamp_node)
          and s.recorded <> 'a'
          and (s.recorded <> 'l' or (s.old_at, s.old_node) <= (s.new_at, s.new_node))
          and (s.old_node <> s.new_node or (s.old_at, s.old_node) > (s.new_at, s.new_node))
    ) l
)
select n, winner_node, place as winner_seq
from settled
where is_first
   or is_winner
