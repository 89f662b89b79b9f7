using System.Globalization;
using Dapper;
using Npgsql;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Membership;

/// <summary>
/// Whether a server is fit to be a node: each check says what was found and what to set. The slots, senders and workers
/// that a mesh needs grow with its nodes.
/// </summary>
public static class Preflight
{
    // Each peer takes one for its subscription, and one under which versions of its rows are written here that other
    // nodes know; this node one for its own.
    private const string OriginsWords = "replication origin (two for each peer, and one)";

    private static readonly TimeSpan HeartbeatPatience = TimeSpan.FromSeconds(70);

    /// <summary>Looks at this node's server. Throws what Npgsql throws.</summary>
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

    /// <summary>Refuses to go on when something is an error.</summary>
    /// <exception cref="RefusedException">Preflight, naming all errors and what mends each.</exception>
    public static void Demand(IReadOnlyList<Finding> findings)
    {
        var errors = findings.Where(finding => finding.Severity == Severity.Error).ToList();
        if (errors.Count > 0)
            throw RefusedException.Preflight(
                string.Join(" ", errors.Select(error => error.Found)),
                string.Join(" ", errors.Select(error => error.Hint).OfType<string>().Distinct())
            );
    }

    /// <summary>The clock of a peer against this node's: last_update_wins decides by clocks.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="offsetMs">The peer's clock minus this server's, milliseconds.</param>
    public static Finding Clock(int peer, double offsetMs)
    {
        var check = string.Create(CultureInfo.InvariantCulture, $"clock_offset_{peer}");
        var found = string.Create(
            CultureInfo.InvariantCulture,
            $"The clock of node {peer} is {Math.Abs(offsetMs):0.0} ms {(offsetMs < 0 ? "behind" : "ahead of")} this node's."
        );
        return Math.Abs(offsetMs) < 500
            ? new Finding(check, Severity.Ok, found)
            : new Finding(
                check,
                Severity.Warning,
                found,
                "Synchronise the clocks (NTP, chrony): of two concurrent writes the later clock wins."
            );
    }

    /// <summary>
    /// Whether this node's Pre16Compatibility fits the mesh: it has to be the same everywhere, and True while a server
    /// is older than PostgreSQL 16.
    /// </summary>
    /// <param name="isOn">This node's setting.</param>
    /// <param name="nodes">The nodes that this one has heard of.</param>
    /// <param name="dependents">Peers that this node's marks are still needed by.</param>
    public static Finding Compatibility(bool isOn, IReadOnlyCollection<KnownNode> nodes, IReadOnlyCollection<int> dependents)
    {
        const string Check = "pre16compatibility";
        var others = nodes.Where(node => !node.IsSelf && node.Pre16Compatibility != isOn).Select(node => node.Node).Order().ToList();
        var old = nodes.Where(node => node.ServerVersionNum < ServerVersion.KnowsOrigin).Select(node => node.Node).Order().ToList();
        if (others.Count > 0)
            return Warn(
                Check,
                $"Pre16Compatibility is {(isOn ? "True" : "False")} here and {(isOn ? "False" : "True")} on {Nodes(others)}.",
                old.Count > 0 || dependents.Count > 0
                    ? "Set it to True in every node's arbiter.ini: a server of the mesh is older than PostgreSQL 16."
                    : "Set it to the same in every node's arbiter.ini: True while a server of the mesh is older than PostgreSQL 16, or will be, else False."
            );
        if (!isOn && dependents.Count > 0)
            return Warn(
                Check,
                $"Pre16Compatibility is False, but {Nodes(dependents)} {(dependents.Count == 1 ? "needs" : "need")} this node's marks; they go on as long as that is so.",
                "Set it to True on every node until the last server older than PostgreSQL 16 has left the mesh."
            );
        return !isOn ? Good(Check, "Pre16Compatibility is False.")
            : old.Count > 0 ? Good(Check, $"Pre16Compatibility is True, for {Nodes(old)}.")
            : Good(
                Check,
                "Pre16Compatibility is True. No node runs PostgreSQL 15: when none is to join, it can be set to False, node by node."
            );
    }

    private static string Nodes(IReadOnlyCollection<int> nodes) => $"node{(nodes.Count == 1 ? "" : "s")} {string.Join(", ", nodes)}";

    /// <summary>
    /// A peer whose heartbeats do not come: without them nothing is known to be everywhere, and every change of a row
    /// of another node is looked into. Null when they do.
    /// </summary>
    /// <param name="peer">The peer.</param>
    /// <param name="age">Time since its last one was applied here; null when none was.</param>
    public static Finding? Heartbeat(int peer, TimeSpan? age) =>
        age < HeartbeatPatience
            ? null
            : new Finding(
                string.Create(CultureInfo.InvariantCulture, $"heartbeat_{peer}"),
                Severity.Warning,
                age is { } time
                    ? string.Create(
                        CultureInfo.InvariantCulture,
                        $"The last heartbeat of node {peer} was applied here {time.TotalSeconds:0} s ago."
                    )
                    : string.Create(CultureInfo.InvariantCulture, $"No heartbeat of node {peer} has been applied here yet."),
                "Start its arbiter, or upgrade it; if its subscription here is paused or behind, it comes with that. Until then every change of a row that another node wrote is looked into, which costs."
            );

    /// <summary>A table that has not got the triggers which see silent conflicts.</summary>
    /// <param name="problem">Which, and why, in a sentence.</param>
    public static Finding Detector(string problem) =>
        new(
            "detector",
            Severity.Warning,
            $"Silent conflicts are not looked for in {problem}.",
            "It is tried again every second: end transactions that hold locks on the table, or let the arbiter's role act as its owner."
        );

    /// <summary>A row that cannot be brought to the version that won a silent conflict.</summary>
    /// <param name="problem">Which, and why, in a sentence.</param>
    public static Finding Convergence(string problem) =>
        new(
            "convergence",
            Severity.Warning,
            $"The version that won a silent conflict cannot be written here, so that nodes differ. {problem}",
            "Mend the table as the error says; it is tried again twice a second. Until then no node forgets what was contested, and every change of a row that another node wrote is looked into."
        );

    /// <summary>What the figures and privileges mean.</summary>
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
        yield return facts.WalLevel == "logical"
            ? Good("wal_level", "wal_level is logical.")
            : Bad("wal_level", $"wal_level is {facts.WalLevel}.", "ALTER SYSTEM SET wal_level = 'logical'; then restart the server.");
        // Up to PostgreSQL 17 replication origins are limited by the same setting, each counted for itself.
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
                "track_commit_timestamp is off: last_update_wins cannot be decided, node_priority is used instead, and silent conflicts (two nodes update one row at the same time) are not detected.",
                "ALTER SYSTEM SET track_commit_timestamp = on; then restart the server."
            );
        yield return facts.IsStandby
            ? Bad("primary", "The server is a standby and cannot be written to.", "Give the primary's address in ConnectionString.")
            : Good("primary", "The server is a primary.");
        foreach (var finding in Privileges(facts))
            yield return finding;
        if (facts.VersionNum < ServerVersion.KnowsOrigin)
            yield return facts.WalRetrieveRetryMs <= 1000
                ? Good("wal_retrieve_retry_interval", $"wal_retrieve_retry_interval is {facts.WalRetrieveRetryMs} ms.")
                : Warn(
                    "wal_retrieve_retry_interval",
                    $"wal_retrieve_retry_interval is {facts.WalRetrieveRetryMs} ms: PostgreSQL 15 starts no apply worker sooner than that after another, also after a conflict was healed.",
                    "ALTER SYSTEM SET wal_retrieve_retry_interval = '1s'; SELECT pg_reload_conf();"
                );
    }

    private static IEnumerable<Finding> Privileges(ServerFacts facts)
    {
        if (facts.IsSuperuser)
        {
            yield return Good("privileges", $"Role {facts.Role} is a superuser.");
            yield break;
        }

        if (facts.VersionNum < ServerVersion.KnowsOrigin)
        {
            yield return Bad(
                "privileges",
                $"Role {facts.Role} is no superuser, and PostgreSQL 15 lets only superusers create subscriptions.",
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
            : Warn(setting, $"{found} Each peer needs one {what} here.", hint);
    }

    private static Finding Good(string check, string found) => new(check, Severity.Ok, found);

    private static Finding Warn(string check, string found, string hint) => new(check, Severity.Warning, found, hint);

    private static Finding Bad(string check, string found, string hint) => new(check, Severity.Error, found, hint);
}
