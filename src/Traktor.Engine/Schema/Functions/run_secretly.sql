-- Runs a statement that has no parameters with a secret literal, so that neither the log nor pg_stat_activity shows it.
-- An error is raised again without its context, which has the statement.
-- Called by: SecretStatement.
-- Session:   the arbiter's, on its own node.
-- Rights:    the caller's.
-- Settings:  none.
create or replace function trktr.run_secretly(statement text, secret text) returns void
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
declare
    state   text;
    message text;
    detail  text;
    hint    text;
begin
    execute format(statement, secret);
exception
    -- "others" has neither of the first two.
    when query_canceled or assert_failure or others then
        get stacked diagnostics
            state = returned_sqlstate,
            message = message_text,
            detail = pg_exception_detail,
            hint = pg_exception_hint;
        raise exception using errcode = state, message = message, detail = detail, hint = hint;
end
$$;
revoke all on function trktr.run_secretly(text, text) from public;
