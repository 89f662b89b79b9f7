-- Makes a routine of the arbiter's in schema trktr_routine, unless it is there, and returns its qualified name. A
-- routine with an owner runs with that role's rights and cannot leave them: inside a SECURITY DEFINER function
-- PostgreSQL refuses SET ROLE, RESET ROLE and SET SESSION AUTHORIZATION. The owner of a routine could replace it, or
-- make it SECURITY INVOKER, if it could name it; no other role has USAGE or CREATE on the schema but in this
-- transaction. The name holds a hash of all that the routine is.
-- Called by: Routines.
-- Session:   any of the arbiter's; not one in which code of a table's owner ran in the same transaction.
-- Rights:    the arbiter's. Without superuser it has to be a member of the owner, as for the table itself.
-- Settings:  none.
create or replace function trktr.make_routine(
    prefix text,
    owner name,
    kind text,
    arguments text,
    results text,
    body text) returns text
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
declare
    owner_id oid := (select r.oid from pg_roles r where r.rolname = owner);
    name     text := prefix || '_' || left(
        encode(sha256(convert_to(concat_ws(E'\n', owner_id, kind, arguments, results, body), 'UTF8')), 'hex'), 32);
    routine  text := format('trktr_routine.%I', name);
begin
    if owner is not null and owner_id is null then
        raise exception 'role "%" does not exist', owner using errcode = 'undefined_object';
    end if;
    perform from trktr.node_lock l where l.name = 'routines' for update;
    if exists (
        select
        from pg_proc p
        where p.pronamespace = 'trktr_routine'::regnamespace
          and p.proname = name
          and p.prosrc = body
          and p.prosecdef = (owner is not null)
          and pg_get_userbyid(p.proowner) = coalesce(owner, current_user)) then
        return routine;
    end if;

    execute format('drop routine if exists %s', routine);
    execute format(
        'create %s %s(%s) %s language plpgsql %s as %L',
        kind,
        routine,
        arguments,
        'returns ' || results, -- null for a procedure
        case when owner is not null then 'security definer' end,
        body);
    execute format('revoke all on %s %s from public', kind, routine);
    if owner <> current_user then
        execute format('grant execute on %s %s to %I', kind, routine, current_user);
        execute format('grant create on schema trktr_routine to %I', owner);
        execute format('alter %s %s owner to %I', kind, routine, owner);
        execute format('revoke create on schema trktr_routine from %I', owner);
    end if;
    return routine;
end
$$;
revoke all on function trktr.make_routine(text, name, text, text, text, text) from public;
