-- Drops the routines that were made a month ago or longer. Most were made for a policy, a subscription or a table that
-- is another by now; one that is still called is made again.
-- Called by: NodeMaintenance, once when the arbiter starts.
-- Session:   the arbiter's.
-- Rights:    the arbiter's, as the owner of their schema.
-- Settings:  none of ours.
create or replace function trktr.drop_old_routines() returns void
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
declare
    old record;
begin
    if not current_setting('track_commit_timestamp')::boolean then
        return;
    end if;
    perform from trktr.node_lock l where l.name = 'routines' for update;
    for old in
        select p.oid::regprocedure as routine
        from pg_proc p
        where p.pronamespace = 'trktr_routine'::regnamespace
          -- A stamp that the server has forgotten is older still.
          and coalesce(pg_xact_commit_timestamp(p.xmin), '-infinity') < now() - interval '1 month'
    loop
        execute format('drop routine %s', old.routine);
    end loop;
end
$$;
revoke all on function trktr.drop_old_routines() from public;
