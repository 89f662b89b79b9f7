-- Makes this database the node's own, where it has replaced the one that was initialised and no longer exists: after
-- pg_upgrade, or a restore from a dump.
-- Called by: an operator, as the arbiter's message about a copy says.
-- Session:   the operator's, on this node.
-- Rights:    the caller's, who must be the arbiter's role or a superuser.
-- Settings:  none.
create or replace function trktr.adopt_database() returns void
    language sql
    set search_path = pg_catalog, pg_temp
as $$
    update trktr.database o
    set system_identifier = s.system_identifier,
        database_oid = d.oid
    from pg_control_system() s
    cross join pg_database d
    where d.datname = current_database()
$$;
revoke all on function trktr.adopt_database() from public;
