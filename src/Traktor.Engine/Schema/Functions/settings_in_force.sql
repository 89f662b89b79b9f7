-- The settings of the session that say what names and literals mean, how values are written, and what the triggers on
-- users' tables take the session for. Code of a table's owner may set each of them for the session; it may not set
-- session_replication_role, but RESET ALL resets it for every role.
-- Called by: require_untouched; the arbiter's sessions, before they touch a user's table.
-- Session:   any of the arbiter's that touches users' tables.
-- Rights:    the session's.
-- Settings:  reads those below. It has no search_path of its own, since that is one of them: every name is qualified.
create or replace function trktr.settings_in_force() returns text
    language plpgsql
    stable
as $$
begin
    return pg_catalog.concat_ws(
        '/'::text,
        pg_catalog.current_setting('search_path'::text),
        pg_catalog.current_setting('standard_conforming_strings'::text),
        pg_catalog.current_setting('backslash_quote'::text),
        pg_catalog.current_setting('transform_null_equals'::text),
        pg_catalog.current_setting('array_nulls'::text),
        pg_catalog.current_setting('quote_all_identifiers'::text),
        pg_catalog.current_setting('client_encoding'::text),
        pg_catalog.current_setting('DateStyle'::text),
        pg_catalog.current_setting('IntervalStyle'::text),
        pg_catalog.current_setting('TimeZone'::text),
        pg_catalog.current_setting('extra_float_digits'::text),
        pg_catalog.current_setting('bytea_output'::text),
        pg_catalog.current_setting('xmloption'::text),
        pg_catalog.current_setting('lc_monetary'::text),
        pg_catalog.current_setting('row_security'::text),
        pg_catalog.current_setting('check_function_bodies'::text),
        pg_catalog.current_setting('synchronous_commit'::text),
        pg_catalog.current_setting('statement_timeout'::text),
        pg_catalog.current_setting('lock_timeout'::text),
        pg_catalog.current_setting('idle_in_transaction_session_timeout'::text),
        pg_catalog.current_setting('default_transaction_isolation'::text),
        pg_catalog.current_setting('default_transaction_read_only'::text),
        pg_catalog.current_setting('session_replication_role'::text),
        pg_catalog.current_setting('trktr.peer'::text, true),
        pg_catalog.current_setting('trktr.origin'::text, true),
        pg_catalog.current_setting('trktr.restoring'::text, true),
        pg_catalog.current_setting('trktr.image_formats'::text, true));
end
$$;
