-- Truncates here the tables that a peer truncated, as far as this node receives them: as the tables' owner if they have
-- one, as the apply worker would.
-- Called by: the trigger receive_truncation of trktr.truncation, for rows that are applied.
-- Session:   an apply worker's; the healer's.
-- Rights:    the session's, and for the TRUNCATE those of the tables' owner.
-- Settings:  none of ours; 
create or replace function trktr.receive_truncation() returns trigger
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
declare
    peer   integer := trktr.stream_peer();
    tables regclass[];
begin
    if peer is null then
        return new;
    end if;
    select array_agg(c.oid::regclass)
    into tables
    from jsonb_array_elements(new.relations) r
    join pg_namespace n on n.nspname = r ->> 0
    join pg_class c on c.relnamespace = n.oid and c.relname = r ->> 1 and c.relkind in ('r', 'p')
    where exists (
        select
        from pg_subscription_rel s
        join pg_subscription u on u.oid = s.srsubid
        where s.srrelid = c.oid
          and u.subname ~ format('^trktr_sub_\d+_%s$', peer));
    if tables is not null then
        perform trktr.truncate_tables(tables, false);
    end if;
    return null;
end
$$;

create or replace trigger receive_truncation
    before insert on trktr.truncation
    for each row execute function trktr.receive_truncation();
alter table trktr.truncation enable replica trigger receive_truncation;
