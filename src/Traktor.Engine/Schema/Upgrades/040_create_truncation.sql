-- A forwarded TRUNCATE passes no trigger that could drop it: two nodes of PostgreSQL 15 would send one to and fro for ever, and empty the table each time.
-- Where transactions are marked TRUNCATE is therefore not published; whoever truncates says so in a row here, which arrives like any other. "relations" is an array of
-- [schema, table]: all that one statement emptied, for tables that refer to one another have to be emptied together.
create table trktr.truncation (
    node_id   integer not null,
    id        bigint generated always as identity,
    relations jsonb not null,
    primary key (node_id, id)
);
alter publication trktr_pub add table trktr.truncation;

-- Before: notes a table that is about to be emptied. After: sends all that were noted.
create function trktr.send_truncation() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    noted text := coalesce(current_setting('trktr.truncating', true), '');
begin
    if pg_replication_origin_session_is_setup() then
        return null;
    end if;
    if tg_when = 'BEFORE' then
        perform set_config('trktr.truncating', (coalesce(nullif(noted, ''), '[]')::jsonb || jsonb_build_array(jsonb_build_array(tg_table_schema, tg_table_name)))::text, true);
    elsif noted <> '' then
        insert into trktr.truncation (node_id, relations) values (tg_argv[0]::integer, noted::jsonb);
        perform set_config('trktr.truncating', '', true);
    end if;
    return null;
end
$$;
revoke all on function trktr.send_truncation() from public;

-- Empties here what a peer emptied there, of that what this node receives from it: as the tables' owner when they have one, as the server's own worker would.
create function trktr.receive_truncation() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
    peer   integer := trktr.stream_peer();
    tables text;
    owners name[];
begin
    if peer is null then
        return new;
    end if;
    select string_agg(format(case c.relkind when 'p' then '%I.%I' else 'only %I.%I' end, n.nspname, c.relname), ', '), array_agg(distinct pg_get_userbyid(c.relowner))
    into tables, owners
    from jsonb_array_elements(new.relations) r
    join pg_namespace n on n.nspname = r ->> 0
    join pg_class c on c.relnamespace = n.oid and c.relname = r ->> 1 and c.relkind in ('r', 'p')
    where exists (
        select from pg_subscription_rel s join pg_subscription u on u.oid = s.srsubid
        where s.srrelid = c.oid and u.subname ~ format('^trktr_sub_\d+_%s$', peer));
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
create trigger receive_truncation before insert on trktr.truncation for each row execute function trktr.receive_truncation();
alter table trktr.truncation enable replica trigger receive_truncation;
