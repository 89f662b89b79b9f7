-- Empties tables as a peer emptied them; like the server's apply worker it does not cascade. Triggers on TRUNCATE that
-- fire for applied changes are code of the owners: where there is one, each owner's tables are emptied with his rights,
-- else all in one statement, which tables that refer to one another may need. That a table outside refers to one of
-- them is raised with another SQLSTATE: the driver takes feature_not_supported for a statement that must be prepared
-- again, and fails where it had not prepared it.
-- Called by: receive_truncation; ApplySql.
-- Session:   an apply worker's; the healer's.
-- Rights:    the session's, and the owners'.
-- Settings:  none of ours; what code of an owner set is refused.
create or replace function trktr.truncate_tables(relations regclass[], restarts_identity boolean) returns void
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
declare
    settings text := trktr.settings_in_force();
    ending   text := case when restarts_identity then ' restart identity' else '' end;
    owned    record;
    refusal  text;
    about    text;
begin
    -- No trigger can be added between the look and the statement.
    execute 'lock table '
        || (select string_agg(format('%s', r.relation), ', ') from unnest(relations) r (relation))
        || ' in access exclusive mode';
    for owned in
        with recursive part (relation, oid) as (
            select r.relation, h.inhrelid
            from unnest(relations) r (relation)
            join pg_inherits h on h.inhparent = r.relation
            union
            select part.relation, h.inhrelid
            from part
            join pg_inherits h on h.inhparent = part.oid)
        select
            part.oid::regclass as part,
            pg_get_userbyid(p.relowner) as part_owner,
            c.oid::regclass as above,
            pg_get_userbyid(c.relowner) as above_owner
        from part
        join pg_class c on c.oid = part.relation
        join pg_class p on p.oid = part.oid
        where p.relowner <> c.relowner
    loop
        raise exception '%, a part of %, belongs to role %, but % to role %: code attached to the part would run with the rights of %',
            owned.part, owned.above, owned.part_owner, owned.above, owned.above_owner, owned.above_owner
            using errcode = 'insufficient_privilege',
                hint = format('ALTER TABLE %s OWNER TO %I;', owned.part, owned.above_owner);
    end loop;
    for owned in
        select
            case when h.has_triggers then pg_get_userbyid(c.relowner) end as owner,
            string_agg(format(case c.relkind when 'p' then '%I.%I' else 'only %I.%I' end, n.nspname, c.relname), ', ') as tables
        from unnest(relations) r (relation)
        join pg_class c on c.oid = r.relation
        join pg_namespace n on n.oid = c.relnamespace
        cross join (
            select exists (
                select
                from unnest(relations) r (relation)
                cross join lateral (select r.relation union select p.relid from pg_partition_tree(r.relation) p) p (relation)
                join pg_trigger t on t.tgrelid = p.relation
                where t.tgtype & 32 <> 0
                  and t.tgenabled in ('A', 'R')) as has_triggers) h
        group by 1
    loop
        if coalesce(owned.owner, current_user) = current_user then
            begin
                execute 'truncate ' || owned.tables || ending;
            exception when feature_not_supported then
                get stacked diagnostics refusal = message_text, about = pg_exception_detail;
                raise exception using
                    errcode = 'object_not_in_prerequisite_state',
                    message = refusal,
                    detail = about,
                    hint = 'Drop that foreign key on this node, or truncate and replicate the table that refers, too.';
            end;
        else
            execute format(
                'select %s()',
                trktr.make_routine(
                    'truncate', owned.owner, 'function', '', 'void', format('begin truncate %s%s; end', owned.tables, ending)));
            call trktr.require_untouched(settings);
        end if;
    end loop;
end
$$;
revoke all on function trktr.truncate_tables(regclass[], boolean) from public;
