-- Adds to a subscriber's own publication those of Traktor's tables that it names and that exist here. Therefore a peer
-- of an earlier release is never sent rows of a table that it lacks.
-- Called by: a peer's arbiter before it refreshes its subscription. Arbiters of other releases call it too, so its
--            signature stays as it is.
-- Session:   the peer's, on this node.
-- Rights:    the arbiter's (security definer), as the owner of the publications.
-- Settings:  none.
create or replace function trktr.offer_tables(subscriber integer, tables text[]) returns void
    language plpgsql
    security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    publication constant text := 'trktr_pub_to_' || subscriber;
    offered     text;
begin
    for offered in
        select c.relname
        from pg_class c
        where c.relnamespace = 'trktr'::regnamespace
          and c.relname = any (tables)
          and c.relname in ('heartbeat', 'winner')
          and exists (select from pg_publication p where p.pubname = publication)
          and not exists (
              select
              from pg_publication_tables t
              where t.pubname = publication
                and t.schemaname = 'trktr'
                and t.tablename = c.relname)
        order by 1
    loop
        execute format('alter publication %I add table trktr.%I', publication, offered);
    end loop;
end
$$;
revoke all on function trktr.offer_tables(integer, text[]) from public;
