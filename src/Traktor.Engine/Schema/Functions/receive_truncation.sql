-- Truncates here the tables that a peer truncated, as far as this node receives them: as the tables' owner if they have
-- one, as the apply worker would.
-- Called by: the trigger receive_truncation of trktr.truncation, for rows that are applied.
-- Session:   an apply worker's; the healer's.
-- Rights:    the session's, and for the TRUNCATE those of the tables' owner.
-- Settings:  none of ours; sets role for the transaction, and back.
create or replace function trktr.receive_truncation() returns trigger
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
declare
    peer   integer := trktr.stream_peer();
    tables text;
    owners name[];
begin
    if peer is null then
        return new;
    end if;
    select
        string_agg(
            format(case c.relkind when 'p' then '%I.%I' else 'only %I.%I' end, n.nspname, c.relname),
            ', '),
        array_agg(distinct pg_get_userbyid(c.relowner))
    into tables, owners
    from jsonb_array_elements(new.relations) r
    join pg_namespace n on n.nspname = r ->> 0
    join pg_class c on c.relnamespace = n.oid and c.relname = r ->> 1 and c.relkind in ('r', 'p')
    where exists (
        select
        from pg_subscription_rel s
        join pg_subscription u on u.oid = s.srsubid
        where s.srrelid = c.oid
          and u.subname ~ format('^trktr_sub_\d+_%s$', peer));
    if owners = array[current_user] or cardinality(owners) > 1 then
        execute 'truncate ' || tables;
    elsif tables is not null then
        perform set_config('role', owners[1], true);
        execute 'truncate ' || tables;
        perform set_config('role', 'none', true);
    end if;
    return null;
end
$$;

create or replace trigger receive_truncation
    before insert on trktr.truncation
    for each row execute function trktr.receive_truncation();
alter table trktr.truncation enable replica trigger receive_truncation;
