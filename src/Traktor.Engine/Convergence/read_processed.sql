-- Which keys still have a row to be written or a winner to be announced, as JSON [schema, table, key]: of @keys (JSON),
-- or, with null, of all, at most @most. Null while the overwrite log up to entry @overwrites and the winners of @nodes
-- up to @numbers are not all decided.
select case
    when not exists (select from trktr.overwrite_log where id <= @overwrites)
        and not exists (
            select
            from trktr.winner v
            join unnest(@nodes::integer[], @numbers::bigint[]) as last (node, seq)
                on v.node_id = last.node and v.seq <= last.seq
            where v.node_id < @node
               or v.node_id > @node)
    then (
        select coalesce(json_agg(json_build_array(p.schema_name, p.table_name, p.key)), '[]')::text
        from (
            select r.schema_name, r.table_name, r.key
            from trktr.contested_key r
            where (r.is_unsent or r.is_unapplied and not r.is_incomplete)
              and (
                  @keys::json is null
                  or (r.schema_name, r.table_name, r.key) in (
                      select k ->> 0, k ->> 1, k ->> 2
                      from json_array_elements(@keys::json) as k))
            limit @most
        ) p
    )
end
