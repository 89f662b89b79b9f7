-- Refuses to go on where code of a table's owner would run at the commit, outside of the function that confines it: a
-- deferred trigger, the recheck of a deferred constraint, or a cursor WITH HOLD. PostgreSQL 18 runs a deferred trigger
-- as the role that wrote the row, but a cursor WITH HOLD that the trigger opens as the session's role. The server's own
-- apply worker refuses all three. The trigger of a table that this transaction wrote is enough: that it was deferred
-- cannot be seen.
-- Called by: require_untouched.
-- Session:   any of the arbiter's that touches users' tables, before the commit. Its search_path was found unchanged.
-- Rights:    the session's.
-- Settings:  none of ours.
create or replace function trktr.require_nothing_deferred() returns void
    language plpgsql
as $$
declare
    postponed record;
begin
    if exists (select from pg_cursor() c where c.is_holdable) then
        raise exception 'code of a table''s owner opened a cursor WITH HOLD'
            using errcode = 'insufficient_privilege', hint = 'Let it use a cursor WITHOUT HOLD.';
    end if;
    select
        t.tgname,
        t.tgisinternal,
        t.tgrelid::regclass::text as relation
    into postponed
    from pg_trigger t
    where t.tgdeferrable
      and (
          not t.tgisinternal
          or t.tgfoid = 'unique_key_recheck'::regproc
              and exists (
                  select
                  from pg_index i
                  where i.indexrelid = t.tgconstrindid
                    and (
                        i.indisexclusion
                        or exists (
                            select
                            from unnest(i.indclass::oid[]) l (operator_class)
                            where l.operator_class >= 16384))))
      and t.tgenabled in ('A', case current_setting('session_replication_role') when 'replica' then 'R' else 'O' end)
      and (
          not current_setting('track_counts')::boolean
          or pg_stat_get_xact_tuples_inserted(t.tgrelid)
              + pg_stat_get_xact_tuples_updated(t.tgrelid)
              + pg_stat_get_xact_tuples_deleted(t.tgrelid) > 0)
    limit 1;
    if postponed.relation is not null then
        raise exception 'trigger % of % is deferrable: at the commit it would leave the rights of the table''s owner',
            quote_ident(postponed.tgname), postponed.relation
            using errcode = 'insufficient_privilege',
                hint = case
                    when postponed.tgisinternal then 'Make its constraint NOT DEFERRABLE.'
                    else format('Make it NOT DEFERRABLE, or DISABLE TRIGGER %s.', quote_ident(postponed.tgname))
                end;
    end if;
end
$$;
