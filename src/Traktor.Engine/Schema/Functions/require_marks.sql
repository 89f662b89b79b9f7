-- Makes this node mark its transactions while a peer receives them. Returns null when all are marked already; 'off'
-- when this arbiter runs with Pre16Compatibility = False; 'pending' while the triggers are being created. A trigger is
-- created only when every transaction that has written its table has ended, so that no unmarked one can follow.
-- Called by: a peer's arbiter before it makes its slot here, when one of the two servers is PostgreSQL 15. Arbiters of
--            other releases call it too, so its signature and what it returns stay as they are.
-- Session:   the peer's, on this node.
-- Rights:    the arbiter's (security definer).
-- Settings:  none.
create or replace function trktr.require_marks(subscriber integer) returns text
    language plpgsql
    security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform from trktr.node_lock l where l.name = 'replicaset' for update;
    if not (select pre16_compatibility from trktr.identity) then
        return 'off';
    end if;
    if exists (select from trktr.marking where wants_marks and not is_marked)
        or exists (select from pg_publication where pubname ~ '^trktr_pub(_to_\d+)?$' and pubtruncate) then
        return 'pending';
    end if;
    insert into trktr.marked_subscriber (node_id)
    values (subscriber)
    on conflict do nothing;
    return null;
end
$$;
revoke all on function trktr.require_marks(integer) from public;
