-- The keys of which something waits, as JSON [schema, table, key], at most @limit of each kind: overwrites that were
-- logged, winners that arrived; with @isRetry rows that are unapplied and winners that are unsent, whichever, so that
-- none that cannot be done now keeps others from their turn. Not those that others hold: @schemas, @tables, @keys, of
-- which an empty one stands for all of its table. Own winners, thousands in a storm, are passed over by the primary
-- key.
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
