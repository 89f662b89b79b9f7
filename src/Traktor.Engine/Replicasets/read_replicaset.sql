-- This node's replicaset with each table's state in the publications, the peers' reports, the peers that need a
-- resync, and the last proof that it was equal. is_open: rows are sent to all peers; is_closed: published with a
-- filter, which passes no row, or, by hand, without some columns; ahead: peers that alone receive it.
select
    r.schema_name as schema,
    r.table_name as name,
    r.state,
    r.policy,
    r.detector,
    r.opening,
    r.excluded,
    c.oid is not null as exists,
    coalesce(bool_or(p.pubname = 'trktr_pub' and pr.prqual is null and pr.prattrs is null), false) as is_open,
    coalesce(bool_or(p.pubname = 'trktr_pub' and (pr.prqual is not null or pr.prattrs is not null)), false) as is_closed,
    coalesce(
        array_agg(substring(p.pubname from '^trktr_pub_to_(\d+)$')::integer)
            filter (where p.pubname ~ '^trktr_pub_to_\d+$' and pr.prqual is null and pr.prattrs is null),
        '{}') as ahead_open,
    coalesce(
        array_agg(substring(p.pubname from '^trktr_pub_to_(\d+)$')::integer)
            filter (where p.pubname ~ '^trktr_pub_to_\d+$' and (pr.prqual is not null or pr.prattrs is not null)),
        '{}') as ahead_closed,
    coalesce(
        (
            select json_agg(json_build_object('node', t.node_id, 'stage', t.stage, 'reason', t.reason))
            from trktr.subscriber_table t
            where t.schema_name = r.schema_name
              and t.table_name = r.table_name
              and t.opening = r.opening
        ),
        '[]')::text as words,
    coalesce(
        (
            select json_agg(
                json_build_object('id', y.id, 'node', y.node_id, 'reason', y.reason, 'since', y.since)
                order by y.node_id)
            from trktr.resync y
            where y.schema_name = r.schema_name
              and y.table_name = r.table_name
        ),
        '[]')::text as resync,
    (
        select json_build_object(
            'proven_at', f.proven_at,
            'nodes', f.nodes,
            'rows', f.row_count,
            'node', f.node_id,
            'comparison', f.task_id)::text
        from trktr.table_proof f
        where f.schema_name = r.schema_name
          and f.table_name = r.table_name
        order by f.proven_at desc
        limit 1
    ) as proof
from trktr.replicaset r
left join pg_namespace n on n.nspname = r.schema_name
left join pg_class c on c.relnamespace = n.oid and c.relname = r.table_name and c.relkind in ('r', 'p')
left join pg_publication_rel pr on pr.prrelid = c.oid
left join pg_publication p on p.oid = pr.prpubid and p.pubname ~ '^trktr_pub(_to_\d+)?$'
group by r.schema_name, r.table_name, c.oid
order by r.schema_name, r.table_name
