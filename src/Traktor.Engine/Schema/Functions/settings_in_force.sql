-- The settings of the session that say what names and literals mean, how values are written, and what the triggers on
-- users' tables take the session for, those of other owners included. Code of a table's owner may set each of them for
-- the session; it may not set session_replication_role, but RESET ALL resets it for every role. Settings that are not
-- here change plans and times only, or are applications' own.
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
        '/'::pg_catalog.text,
        pg_catalog.current_setting('search_path'::pg_catalog.text),
        pg_catalog.current_setting('standard_conforming_strings'::pg_catalog.text),
        pg_catalog.current_setting('backslash_quote'::pg_catalog.text),
        pg_catalog.current_setting('transform_null_equals'::pg_catalog.text),
        pg_catalog.current_setting('array_nulls'::pg_catalog.text),
        pg_catalog.current_setting('quote_all_identifiers'::pg_catalog.text),
        pg_catalog.current_setting('client_encoding'::pg_catalog.text),
        pg_catalog.current_setting('DateStyle'::pg_catalog.text),
        pg_catalog.current_setting('IntervalStyle'::pg_catalog.text),
        pg_catalog.current_setting('TimeZone'::pg_catalog.text),
        pg_catalog.current_setting('extra_float_digits'::pg_catalog.text),
        pg_catalog.current_setting('bytea_output'::pg_catalog.text),
        pg_catalog.current_setting('xmloption'::pg_catalog.text),
        pg_catalog.current_setting('xmlbinary'::pg_catalog.text),
        pg_catalog.current_setting('lc_monetary'::pg_catalog.text),
        pg_catalog.current_setting('lc_numeric'::pg_catalog.text),
        pg_catalog.current_setting('lc_time'::pg_catalog.text),
        pg_catalog.current_setting('default_text_search_config'::pg_catalog.text),
        pg_catalog.current_setting('plpgsql.check_asserts'::pg_catalog.text, true),
        pg_catalog.current_setting('plpgsql.extra_errors'::pg_catalog.text, true),
        pg_catalog.current_setting('row_security'::pg_catalog.text),
        pg_catalog.current_setting('check_function_bodies'::pg_catalog.text),
        pg_catalog.current_setting('synchronous_commit'::pg_catalog.text),
        pg_catalog.current_setting('statement_timeout'::pg_catalog.text),
        pg_catalog.current_setting('lock_timeout'::pg_catalog.text),
        pg_catalog.current_setting('idle_in_transaction_session_timeout'::pg_catalog.text),
        pg_catalog.current_setting('default_transaction_isolation'::pg_catalog.text),
        pg_catalog.current_setting('default_transaction_read_only'::pg_catalog.text),
        pg_catalog.current_setting('session_replication_role'::pg_catalog.text),
        pg_catalog.current_setting('trktr.peer'::pg_catalog.text, true),
        pg_catalog.current_setting('trktr.origin'::pg_catalog.text, true),
        pg_catalog.current_setting('trktr.restoring'::pg_catalog.text, true),
        pg_catalog.current_setting('trktr.image_formats'::pg_catalog.text, true),
        -- drop_forwarded sets it to pass, at the first row.
        coalesce(
            nullif(pg_catalog.current_setting('trktr.stream_filter'::pg_catalog.text, true), 'pass'::pg_catalog.text),
            ''::pg_catalog.text),
        -- The last one: OwnerSession expects its value where a statement is to log a table's overwrites.
        coalesce(pg_catalog.current_setting('trktr.logged_table'::pg_catalog.text, true), ''::pg_catalog.text));
end
$$;
