-- The keys that wait, as JSON [schema, table, key], at most @limit of each kind: logged overwrites and arrived winners;
-- with @isRetry also unapplied rows and unsent winners, in random order, so that those that fail do not delay others.
-- Held keys are left out: @schemas, @tables, @keys, where an empty key stands for its whole table. This node's own
-- winners, of which there may be thousands, are skipped by the primary key.
with held as (
    select *
    from unnest(@schemas::text[], @tables::text[], @keys::text[]) as h (schema_name, table_name, key)
), shut as (
    select schema_name, table_name
    from held
    where key = ''
)
select coalesce(json_agg(json_build_array(w.schema_name, w.table_name, w.key)), '[]')::text
from (
    select schema_name, table_name, key
    from (
        select schema_name, table_name, key
        from trktr.overwrite_log
        where (schema_name, table_name, key) not in (table held)
          and (schema_name, table_name) not in (table shut)
        order by id
        limit @limit
    ) j
    union
    select schema_name, table_name, key
    from (
        select schema_name, table_name, key
        from trktr.winner
        where node_id < @node
          and (schema_name, table_name, key) not in (table held)
          and (schema_name, table_name) not in (table shut)
        order by node_id, seq
        limit @limit
    ) v
    union
    select schema_name, table_name, key
    from (
        select schema_name, table_name, key
        from trktr.winner
        where node_id > @node
          and (schema_name, table_name, key) not in (table held)
          and (schema_name, table_name) not in (table shut)
        order by node_id, seq
        limit @limit
    ) v
    union
    select schema_name, table_name, key
    from (
        select schema_name, table_name, key
        from trktr.contested_key
        where @isRetry
          and (is_unsent or is_unapplied and not is_incomplete)
          and (schema_name, table_name, key) not in (table held)
          and (schema_name, table_name) not in (table shut)
        order by random()
        limit @limit
    ) r
) w
