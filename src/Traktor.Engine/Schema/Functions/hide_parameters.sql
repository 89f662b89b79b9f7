-- Keeps the parameters of the statements that follow in the transaction out of the server's log and statistics, as far
-- as the role may: a superuser may, and any other role that has SET on the settings (see GrantsScript).
-- Called by: SecretStatement.
-- Session:   the arbiter's, on its own node.
-- Rights:    the caller's.
-- Settings:  the server's below, until the end of the transaction. log_error_verbosity: if the session is ended while
--            run_secretly runs, the error's context would have the statement.
create or replace function trktr.hide_parameters() returns void
    language sql
    set search_path = pg_catalog, pg_temp
as $$
    select set_config(p.name, p.value, true)
    from (values
        ('log_parameter_max_length', '0'),
        ('log_parameter_max_length_on_error', '0'),
        ('log_error_verbosity', 'terse'),
        ('auto_explain.log_parameter_max_length', '0'),
        ('auto_explain.log_nested_statements', 'off'),
        ('pg_stat_statements.track_utility', 'off')) p (name, value)
    where current_setting(p.name, true) is not null
      and (p.name = 'log_parameter_max_length_on_error' or has_parameter_privilege(p.name, 'set'))
$$;
revoke all on function trktr.hide_parameters() from public;
