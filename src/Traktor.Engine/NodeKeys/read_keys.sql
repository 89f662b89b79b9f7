-- This node's key pair, a row without node, and none when it has none: the private key only when the public one is not
-- @known; is_of_this_database: false in a copy of the database for which it was made.
select
    null::integer as node,
    k.public_key,
    case when k.public_key is distinct from @known::bytea then k.private_key end as private_key,
    (k.system_identifier, k.database_oid) = (s.system_identifier, d.oid) as is_of_this_database
from trktr.node_key k
cross join pg_control_system() s
join pg_database d on d.datname = current_database()

union all

-- The key of each other node, the newest of two: what the node itself announced, as long as this node receives from
-- that very database; and what it registered when it subscribed to this node, as long as it is a subscriber.
select
    o.node_id,
    o.public_key,
    null,
    true
from (
    select distinct on (k.node_id)
        k.node_id,
        k.public_key
    from (
        select n.node_id, n.public_key, n.key_made_at
        from trktr.node n
        cross join trktr.identity i
        where exists (
                select
                from pg_subscription s
                join pg_database d on d.oid = s.subdbid
                where d.datname = current_database()
                  and s.subname = format('trktr_sub_%s_%s', i.node_id, n.node_id))
          and not exists (
                select
                from trktr.subscription s
                where s.inbound_node = n.node_id
                  and s.incarnation <> n.incarnation)

        union all

        select o.node_id, o.public_key, o.key_made_at
        from trktr.slot_owner o
    ) k
    where k.public_key is not null
    order by k.node_id, k.key_made_at desc nulls last
) o
