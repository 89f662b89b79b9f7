using System.Globalization;
using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Membership;

/// <summary>
/// Checks whether a server is fit to be a node. Each check says what was found and what to set. The required slots,
/// senders and workers grow with the number of nodes.
/// </summary>
public static class Preflight
{
    // Each peer needs one for its subscription, and one for writing versions of its rows that another node announced;
    // this node needs one for its own versions.
    private const string OriginsWords = "replication origin (two for each peer, and one)";

    /// <summary>Checks this node's server. Npgsql's exceptions propagate.</summary>
    public static async Task<IReadOnlyList<Finding>> OfServerAsync(
        NpgsqlConnection connection,
        ArbiterSettings settings,
        CancellationToken cancel
    )
    {
        var facts = await connection.QuerySingleAsync<ServerFacts>(
            new CommandDefinition(SqlFile.Read("Membership/read_preflight.sql"), cancellationToken: cancel)
        );
        return [.. Judge(facts, settings)];
    }

    /// <summary>Throws if a finding is an error.</summary>
    /// <exception cref="RefusedException">Preflight, with all errors and how to fix each.</exception>
    public static void Demand(IReadOnlyList<Finding> findings)
    {
        var errors = findings.Where(finding => finding.Severity == Severity.Error).ToList();
        if (errors.Count > 0)
            throw RefusedException.Preflight(
                string.Join(" ", errors.Select(error => error.Found)),
                string.Join(" ", errors.Select(error => error.Hint).OfType<string>().Distinct())
            );
    }

    /// <summary>Judges the settings and privileges.</summary>
    public static IEnumerable<Finding> Judge(ServerFacts facts, ArbiterSettings settings)
    {
        yield return ServerVersion.WhyRefused(facts.VersionNum, "This node's server", settings.Pre16Compatibility) is { } tooOld
            ? Bad("server_version", tooOld.Message, tooOld.Hint!)
        : facts.VersionNum / 10000 > ServerVersion.NewestTested
            ? Warn(
                "server_version",
                $"PostgreSQL {facts.VersionText} is newer than any this release was tested with.",
                "Use a tested version, or a newer release of Traktor."
            )
        : Good("server_version", $"PostgreSQL {facts.VersionText}.");
        yield return facts.Encoding switch
        {
            "UTF8" => Good("encoding", "The encoding of the database is UTF8."),
            "SQL_ASCII" => Warn(
                "encoding",
                "The encoding of the database is SQL_ASCII: the server stores any bytes as text, and a peer rejects those that are no "
                    + "characters in its own encoding.",
                "Use a database with encoding UTF8 on every node."
            ),
            _ => Warn(
                "encoding",
                $"The encoding of the database is {facts.Encoding}: a peer's row with a character that {facts.Encoding} lacks cannot be "
                    + "applied, and stops its subscription.",
                "Use a database with encoding UTF8, or the same encoding on every node."
            ),
        };
        yield return facts.WalLevel == "logical"
            ? Good("wal_level", "wal_level is logical.")
            : Bad("wal_level", $"wal_level is {facts.WalLevel}.", "ALTER SYSTEM SET wal_level = 'logical'; then restart the server.");
        // Up to PostgreSQL 17 the same setting also limits replication origins; each is counted separately.
        yield return facts.MaxOrigins is null && facts.UsedOrigins > facts.UsedSlots
            ? Room("max_replication_slots", facts.MaxReplicationSlots, facts.UsedOrigins, OriginsWords, 2, 20)
            : Room("max_replication_slots", facts.MaxReplicationSlots, facts.UsedSlots, "replication slot", 2, 10);
        yield return Room("max_wal_senders", facts.MaxWalSenders, facts.UsedSenders, "WAL sender", 2, 10);
        yield return Room("max_logical_replication_workers", facts.MaxLogicalWorkers, facts.Subscriptions, "apply worker", 1, 8);
        yield return Room("max_worker_processes", facts.MaxWorkerProcesses, facts.Subscriptions + 1, "background worker", 1, 16);
        if (facts.MaxOrigins is { } origins)
            yield return Room("max_active_replication_origins", origins, facts.UsedOrigins, OriginsWords, 2, 20);
        yield return facts.TrackCommitTimestamp
            ? Good("track_commit_timestamp", "track_commit_timestamp is on.")
            : Warn(
                "track_commit_timestamp",
                "track_commit_timestamp is off: node_priority replaces last_update_wins, and silent conflicts (two nodes update "
                    + "the same row at the same time) are not detected.",
                "ALTER SYSTEM SET track_commit_timestamp = on; then restart the server."
            );
        yield return facts.IsStandby
            ? Bad("primary", "The server is a standby and cannot be written to.", "Give the primary's address in ConnectionString.")
            : Good("primary", "The server is a primary.");
        foreach (var finding in Privileges(facts))
            yield return finding;
        if (facts.IsReadOnlyByDefault)
            yield return Warn(
                "default_transaction_read_only",
                $"Transactions of role {facts.Role}, or in this database, are read-only by a default. Those of Traktor are not, but the "
                    + "triggers in the server's own apply workers fail then, and every change is left to the arbiter.",
                $"ALTER ROLE {Quote.Identifier(facts.Role)} SET default_transaction_read_only = off;"
            );
        if (facts.DefaultRole is { } other)
            yield return Warn(
                "default_role",
                $"Sessions of role {facts.Role} begin as role {other}, by a default. Those of Traktor do not, but the server's own apply "
                    + "workers cannot apply as the tables' owners then, and every change is left to the arbiter.",
                $"ALTER ROLE {Quote.Identifier(facts.Role)} RESET role;"
            );
        yield return facts.CanHideParameters || facts.Logging.Length == 0
            ? Good("log_parameters", "The server's log has no password of a connection string.")
            : Warn(
                "log_parameters",
                $"The server logs the parameters of statements ({facts.Logging}), and role {facts.Role} may not turn that off for the "
                    + $"statements that have a peer's password.",
                "Run the script that `-- grants` prints, as a superuser; or: ALTER SYSTEM SET log_parameter_max_length = 0; SELECT "
                    + "pg_reload_conf();"
            );
        if (facts.VersionNum < ServerVersion.KnowsOrigin)
            yield return facts.WalRetrieveRetryMs <= 1000
                ? Good("wal_retrieve_retry_interval", $"wal_retrieve_retry_interval is {facts.WalRetrieveRetryMs} ms.")
                : Warn(
                    "wal_retrieve_retry_interval",
                    $"wal_retrieve_retry_interval is {facts.WalRetrieveRetryMs} ms: PostgreSQL 15 waits that long between two starts of "
                        + $"an apply worker, also after a conflict was healed.",
                    "ALTER SYSTEM SET wal_retrieve_retry_interval = '1s'; SELECT pg_reload_conf();"
                );
    }

    private static IEnumerable<Finding> Privileges(ServerFacts facts)
    {
        if (facts.IsSuperuser)
        {
            yield return facts.VersionNum < ServerVersion.KnowsOrigin
                ? Good("privileges", $"Role {facts.Role} is a superuser, as PostgreSQL 15 requires.")
                : new Finding(
                    "privileges",
                    Severity.Info,
                    $"Role {facts.Role} is a superuser, which is more than the arbiter needs.",
                    "Give the arbiter a role of its own in ConnectionString, and run the script that `-- grants` prints, as a superuser."
                );
            yield break;
        }

        if (facts.VersionNum < ServerVersion.KnowsOrigin)
        {
            yield return Bad(
                "privileges",
                $"Role {facts.Role} is not a superuser, and PostgreSQL 15 allows only superusers to create subscriptions.",
                $"ALTER ROLE {Quote.Identifier(facts.Role)} SUPERUSER;"
            );
            yield break;
        }

        var missing = new (bool Has, string What)[]
        {
            (facts.CanReplicate, "the REPLICATION attribute"),
            (facts.CanCreate, "CREATE on the database"),
            (facts.CanSubscribe, "membership in pg_create_subscription"),
            (facts.CanReadStats, "membership in pg_read_all_stats"),
            (facts.CanReadSubscriptions, "SELECT on pg_subscription"),
            (facts.CanUseOrigins, "EXECUTE on the pg_replication_origin functions and SELECT on pg_replication_origin_status"),
            (facts.CanSetRole, "SET ON PARAMETER session_replication_role"),
        }
            .Where(grant => !grant.Has)
            .Select(grant => grant.What)
            .ToList();
        yield return missing.Count == 0
            ? Good("privileges", $"Role {facts.Role} has what it needs without being a superuser.")
            : Bad(
                "privileges",
                $"Role {facts.Role} lacks {string.Join("; ", missing)}.",
                "Run the script that `-- grants` prints, as a superuser."
            );
    }

    private static Finding Room(string setting, int limit, int used, string what, int least, int advised)
    {
        var found = string.Create(CultureInfo.InvariantCulture, $"{setting} is {limit}, {used} in use.");
        var hint = string.Create(
            CultureInfo.InvariantCulture,
            $"ALTER SYSTEM SET {setting} = {Math.Max(advised, used + 8)}; then restart the server."
        );
        return limit - used >= least ? Good(setting, found)
            : limit - used <= 0 ? Bad(setting, $"{found} No {what} is left for a peer.", hint)
            : Warn(setting, $"{found} Each peer needs one {what}.", hint);
    }

    private static Finding Good(string check, string found) => new(check, Severity.Ok, found);

    private static Finding Warn(string check, string found, string hint) => new(check, Severity.Warning, found, hint);

    private static Finding Bad(string check, string found, string hint) => new(check, Severity.Error, found, hint);
}
