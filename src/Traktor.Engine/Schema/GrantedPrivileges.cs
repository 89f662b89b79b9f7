using Traktor.Engine.Postgres;

namespace Traktor.Engine.Schema;

/// <summary>
/// What the arbiter's role is granted, in one list for the script that grants it and the one that takes it back.
/// </summary>
/// <param name="role">The arbiter's role.</param>
/// <param name="database">This node's database.</param>
/// <param name="schemas">Schemas with tables to replicate. Empty: all except the system's and Traktor's.</param>
internal sealed class GrantedPrivileges(string role, string database, IReadOnlyCollection<string> schemas)
{
    /// <summary>The role, quoted as an identifier.</summary>
    public string Role => Quote.Identifier(role);

    /// <summary>The tag of the scripts' blocks. A name may contain what looks like the end of one.</summary>
    public string Tag
    {
        get
        {
            var content = Literal(role) + Literal(database) + SchemaArray;
            var tag = "traktor";
            while (content.Contains($"${tag}$", StringComparison.Ordinal))
                tag += "_";
            return $"${tag}$";
        }
    }

    /// <summary>The names, as constants of a block.</summary>
    public string Constants =>
        $"""
            the_role constant text := {Literal(role)};
                the_database constant text := {Literal(database)};
                the_schemas constant text[] := {SchemaArray};
            """;

    /// <summary>The statements of a block that let it run in the node's database only.</summary>
    public static string RequireDatabase =>
        """
            IF current_database() <> the_database THEN
                    RAISE EXCEPTION 'This script is for the database %, and runs in %.',
                        quote_ident(the_database), quote_ident(current_database());
                END IF;
            """;

    /// <summary>The query of the schemas with tables, and their owners.</summary>
    public static string Owners =>
        $"""
            SELECT DISTINCT n.nspname, o.rolname
                    FROM pg_class c
                    JOIN pg_namespace n ON n.oid = c.relnamespace
                    JOIN pg_roles o ON o.oid = c.relowner
                    WHERE c.relkind IN ('r', 'p')
                      AND CASE WHEN cardinality(the_schemas) > 0 THEN n.nspname = ANY (the_schemas)
                               ELSE n.nspname NOT IN ('{ObjectNames.Schema}', 'information_schema') AND n.nspname NOT LIKE 'pg\_%' END
            """;

    /// <summary>The statements without names of schemas and owners.</summary>
    public string Grant() => Each("GRANT", "TO");

    /// <summary>The opposite of <see cref="Grant"/>.</summary>
    public string Revoke() => Each("REVOKE", "FROM");

    private string Each(string verb, string to) =>
        $"""
            {verb} CREATE, CONNECT ON DATABASE {Quote.Identifier(database)} {to} {Role};
            {verb} pg_create_subscription, pg_read_all_stats {to} {Role};
            {verb} SET ON PARAMETER session_replication_role {to} {Role};
            {verb} SET ON PARAMETER
                log_parameter_max_length,
                log_error_verbosity,
                auto_explain.log_parameter_max_length,
                auto_explain.log_nested_statements,
                pg_stat_statements.track_utility
            {to} {Role};
            {verb} EXECUTE ON FUNCTION pg_catalog.pg_control_system() {to} {Role};
            {verb} SELECT ON
                pg_catalog.pg_subscription,
                pg_catalog.pg_replication_origin,
                pg_catalog.pg_replication_origin_status
            {to} {Role};
            {verb} EXECUTE ON FUNCTION
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
            {to} {Role};
            """;

    private string SchemaArray => schemas.Count == 0 ? "'{}'" : $"ARRAY[{string.Join(", ", schemas.Select(Literal))}]";

    private static string Literal(string value) => Quote.Literal(value).TrimStart();
}
