-- Stores decisions on keys and announces the winners that need not wait for their row, as announce_keys.sql does.
-- @entries is a JSON array of rows of trktr.contested_key, with is_to_be_sent.
with e as materialized (
    select
        e.*,
        b.seq + 1 as next,
        b.seq is not null and e.is_to_be_sent as is_announced
    from json_to_recordset(@entries::json) as e (
        schema_name text,
        table_name text,
        key text,
        stamp_at timestamptz,
        stamp_node integer,
        image text,
        is_incomplete boolean,
        heartbeat_seq bigint,
        is_sent boolean,
        is_unapplied boolean,
        replaces_at timestamptz,
        replaces_node integer,
        is_unsent boolean,
        decided timestamptz,
        is_to_be_sent boolean)
    left join trktr.heartbeat b on b.node_id = @node
), stored as (
    insert into trktr.contested_key (
        schema_name, table_name, key, stamp_at, stamp_node, image, is_incomplete,
        heartbeat_seq, is_sent, is_unapplied, replaces_at, replaces_node, is_unsent, decided)
    select
        schema_name,
        table_name,
        key,
        stamp_at,
        stamp_node,
        image::json,
        is_incomplete,
        case when is_announced then next else heartbeat_seq end,
        is_sent or is_announced,
        is_unapplied,
        replaces_at,
        replaces_node,
        is_unsent and not is_announced,
        decided
    from e
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
)
insert into trktr.winner (node_id, seq, schema_name, table_name, key, stamp_at, stamp_node, image, is_incomplete)
select
    @node,
    nextval('trktr.winner_seq'),
    schema_name,
    table_name,
    key,
    stamp_at,
    stamp_node,
    image::json,
    is_incomplete
from e
where is_announced
