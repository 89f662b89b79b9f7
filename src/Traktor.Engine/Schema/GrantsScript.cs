using Traktor.Engine.Postgres;

namespace Traktor.Engine.Schema;

/// <summary>
/// The script with which a superuser prepares a role for the arbiter without making it a superuser. It requires
/// PostgreSQL 16, because on 15 only superusers create subscriptions. See
/// <see href="https://www.postgresql.org/docs/current/predefined-roles.html"/>.
/// </summary>
public static class GrantsScript
{
    /// <summary>The script, to be run in <paramref name="database"/>. It can be repeated.</summary>
    /// <param name="role">The arbiter's role. It is created, without a password, if it does not exist.</param>
    /// <param name="database">This node's database.</param>
    /// <param name="schemas">Schemas with tables to replicate. Empty: all except the system's and Traktor's.</param>
    /// <exception cref="RefusedException">A name is empty or contains a NUL.</exception>
    public static string For(string role, string database, IReadOnlyCollection<string> schemas)
    {
        var quotedRole = Quote.Identifier(role);
        var literalRole = Literal(role);
        var tag = Tag(literalRole + Literal(database) + SchemaArray(schemas));
        return $$"""
            -- The privileges of the arbiter's role in this database, on PostgreSQL 16 and later; docs/privileges.md explains each line.
            -- Run it as a superuser in the node's database. Run it again after adding schemas, or owners of tables.
            -- All or nothing: it stops at the first error, even where the client would continue.
            BEGIN;

            DO {{tag}}
            DECLARE
                the_role constant text := {{literalRole}};
                the_database constant text := {{Literal(database)}};
                the_schemas constant text[] := {{SchemaArray(schemas)}};
                schema_name text;
                owner_name text;
            BEGIN
                IF current_setting('server_version_num')::int < 160000 THEN
                    RAISE EXCEPTION 'PostgreSQL 15 lets only superusers create subscriptions: make the role a superuser there, or upgrade.';
                END IF;
                IF current_database() <> the_database THEN
                    RAISE EXCEPTION 'This script is for the database %, and runs in %.',
                        quote_ident(the_database), quote_ident(current_database());
                END IF;
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = the_role) THEN
                    EXECUTE format('CREATE ROLE %I', the_role);
                    RAISE NOTICE 'The role % is new and has no password yet: ALTER ROLE % PASSWORD ''...'';',
                        quote_ident(the_role), quote_ident(the_role);
                END IF;
                FOREACH schema_name IN ARRAY the_schemas LOOP
                    IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = schema_name) THEN
                        RAISE EXCEPTION 'There is no schema % in this database.', quote_ident(schema_name);
                    END IF;
                    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', schema_name, the_role);
                END LOOP;
                -- Publishing a table, its triggers and applying as its owner require membership in the owner's role.
                FOR schema_name, owner_name IN
                    SELECT DISTINCT n.nspname, o.rolname
                    FROM pg_class c
                    JOIN pg_namespace n ON n.oid = c.relnamespace
                    JOIN pg_roles o ON o.oid = c.relowner
                    WHERE c.relkind IN ('r', 'p')
                      AND CASE WHEN cardinality(the_schemas) > 0 THEN n.nspname = ANY (the_schemas)
                               ELSE n.nspname NOT IN ('{{ObjectNames.Schema}}', 'information_schema') AND n.nspname NOT LIKE 'pg\_%' END
                LOOP
                    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', schema_name, the_role);
                    IF (SELECT rolsuper FROM pg_roles WHERE rolname = owner_name) THEN
                        RAISE WARNING 'Tables of the schema % belong to the superuser %. Membership in it would make '
                            'the arbiter one: give them another owner, and run this again.',
                            quote_ident(schema_name), quote_ident(owner_name);
                    ELSIF owner_name <> the_role THEN
                        EXECUTE format('GRANT %I TO %I WITH INHERIT TRUE, SET TRUE', owner_name, the_role);
                    END IF;
                END LOOP;
            END
            {{tag}};

            ALTER ROLE {{quotedRole}} LOGIN REPLICATION;
            GRANT CREATE, CONNECT ON DATABASE {{Quote.Identifier(database)}} TO {{quotedRole}};
            GRANT pg_create_subscription, pg_read_all_stats TO {{quotedRole}};
            GRANT SET ON PARAMETER session_replication_role TO {{quotedRole}};
            GRANT SET ON PARAMETER
                log_parameter_max_length,
                log_error_verbosity,
                auto_explain.log_parameter_max_length,
                auto_explain.log_nested_statements,
                pg_stat_statements.track_utility
            TO {{quotedRole}};
            GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO {{quotedRole}};
            GRANT SELECT ON
                pg_catalog.pg_subscription,
                pg_catalog.pg_replication_origin,
                pg_catalog.pg_replication_origin_status
            TO {{quotedRole}};
            GRANT EXECUTE ON FUNCTION
                pg_catalog.pg_replication_origin_create(text),
                pg_catalog.pg_replication_origin_drop(text),
                pg_catalog.pg_replication_origin_oid(text),
                pg_catalog.pg_replication_origin_progress(text, boolean),
                pg_catalog.pg_replication_origin_advance(text, pg_lsn),
                pg_catalog.pg_replication_origin_session_setup(text),
                pg_catalog.pg_replication_origin_session_reset(),
                pg_catalog.pg_replication_origin_session_is_setup(),
                pg_catalog.pg_replication_origin_session_progress(boolean),
                pg_catalog.pg_replication_origin_xact_setup(pg_lsn, timestamptz),
                pg_catalog.pg_replication_origin_xact_reset(),
                pg_catalog.pg_show_replication_origin_status()
            TO {{quotedRole}};

            COMMIT;

            """.ReplaceLineEndings("\n");
    }

    private static string SchemaArray(IReadOnlyCollection<string> schemas) =>
        schemas.Count == 0 ? "'{}'" : $"ARRAY[{string.Join(", ", schemas.Select(s => Literal(s)))}]";

    private static string Literal(string value) => Quote.Literal(value).TrimStart();

    // A name may contain what looks like the end of the block.
    private static string Tag(string content)
    {
        var tag = "traktor";
        while (content.Contains($"${tag}$", StringComparison.Ordinal))
            tag += "_";
        return $"${tag}$";
    }
}
