using System.Globalization;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Workers;

namespace Traktor.Engine.Membership;

/// <summary>
/// Preflight findings that do not concern this node's server: the peers' clocks and heartbeats, and failures of
/// workers.
/// </summary>
public static class MeshFindings
{
    private const string CompatibilityCheck = "pre16compatibility";

    private static readonly TimeSpan HeartbeatPatience = TimeSpan.FromSeconds(70);

    /// <summary>Compares a peer's clock with this node's, because last_update_wins decides by clocks.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="offsetMs">The peer's clock minus this server's, in milliseconds.</param>
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
                "Synchronise the clocks (NTP, chrony): of two concurrent changes, the later clock wins."
            );
    }

    /// <summary>
    /// Whether this node's Pre16Compatibility fits the mesh. It must be the same on every node, and True if a server is
    /// older than PostgreSQL 16.
    /// </summary>
    /// <param name="isOn">This node's setting.</param>
    /// <param name="nodes">The known nodes.</param>
    /// <param name="dependents">Peers that still need this node's marks.</param>
    public static Finding Compatibility(bool isOn, IReadOnlyCollection<KnownNode> nodes, IReadOnlyCollection<int> dependents)
    {
        var others = nodes.Where(node => !node.IsSelf && node.Pre16Compatibility != isOn).Select(node => node.Node).Order().ToList();
        var old = nodes.Where(node => node.ServerVersionNum < ServerVersion.KnowsOrigin).Select(node => node.Node).Order().ToList();
        if (others.Count > 0)
            return Warn(
                $"Pre16Compatibility is {(isOn ? "True" : "False")} on this node and {(isOn ? "False" : "True")} on {Nodes(others)}.",
                old.Count > 0 || dependents.Count > 0
                    ? "Set it to True in every node's arbiter.ini: a server of the mesh is older than PostgreSQL 16."
                    : "Set it to the same value in every node's arbiter.ini: True if a server of the mesh is or will be older than "
                        + "PostgreSQL 16, otherwise False."
            );
        if (!isOn && dependents.Count > 0)
            return Warn(
                $"Pre16Compatibility is False, but {Nodes(dependents)} {(dependents.Count == 1 ? "needs" : "need")} this node's "
                    + $"marks. It keeps marking until none does.",
                "Set it to True on every node until the last server older than PostgreSQL 16 has left the mesh."
            );
        return !isOn ? Good("Pre16Compatibility is False.")
            : old.Count > 0 ? Good($"Pre16Compatibility is True, for {Nodes(old)}.")
            : Good("Pre16Compatibility is True. No node runs PostgreSQL 15: when none is to join, it can be set to False, node by node.");
    }

    private static string Nodes(IReadOnlyCollection<int> nodes) => $"node{(nodes.Count == 1 ? "" : "s")} {string.Join(", ", nodes)}";

    /// <summary>
    /// A peer whose heartbeats do not arrive. Without them the stable xid does not advance, and every change of a row
    /// that another node wrote is examined. Null when they arrive.
    /// </summary>
    /// <param name="peer">The peer.</param>
    /// <param name="age">Time since its last heartbeat was applied here; null when none was.</param>
    public static Finding? Heartbeat(int peer, TimeSpan? age) =>
        age < HeartbeatPatience
            ? null
            : new Finding(
                string.Create(CultureInfo.InvariantCulture, $"heartbeat_{peer}"),
                Severity.Warning,
                age is { } time
                    ? string.Create(
                        CultureInfo.InvariantCulture,
                        $"The last heartbeat of node {peer} was applied on this node {time.TotalSeconds:0} s ago."
                    )
                    : string.Create(CultureInfo.InvariantCulture, $"No heartbeat of node {peer} has been applied on this node yet."),
                "Start its arbiter, or upgrade it. If its subscription on this node is paused or behind, resume it or wait. Until "
                    + "then every change of a row that another node wrote is examined, which costs time."
            );

    /// <summary>A table without its conflict detection triggers.</summary>
    /// <param name="problem">The table and the reason, in a sentence.</param>
    public static Finding Detector(string problem) =>
        new(
            "detector",
            Severity.Warning,
            $"Silent conflicts are not detected in {problem}.",
            "The arbiter retries every second: end transactions that lock the table, or let the arbiter's role act as its owner."
        );

    /// <summary>A worker of the arbiter that fails.</summary>
    /// <param name="worker">The worker.</param>
    public static Finding Worker(FailingWorker worker) =>
        new(
            $"worker_{worker.Name}",
            Severity.Error,
            worker.InWords(),
            "It is tried again all the time. End what locks the named object, give back the privilege, or, if something of schema "
                + "trktr was changed or dropped, run PUT /v1/arbiter/control, which mends the schema."
        );

    /// <summary>A row that cannot be written with the version that won a silent conflict.</summary>
    /// <param name="problem">The row and the reason, in a sentence.</param>
    public static Finding Convergence(string problem) =>
        new(
            "convergence",
            Severity.Warning,
            $"The winning version of a silent conflict cannot be written on this node, so the nodes differ. {problem}",
            "Fix the table as the error says; the arbiter retries twice a second. Until then no node deletes its contested "
                + "keys, and every change of a row that another node wrote is examined."
        );

    /// <summary>Changes that could not be processed and were set aside; null when there are none.</summary>
    /// <param name="oldest">The oldest of them.</param>
    public static Finding? SetAside(IReadOnlyList<SetAsideEntry> oldest) =>
        oldest is not [{ Total: var total }, ..]
            ? null
            : new Finding(
                "set_aside",
                Severity.Error,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{total} change{(total == 1 ? "" : "s")} could not be processed, so that the nodes may differ in these rows: "
                )
                    + string.Join(
                        "; ",
                        oldest.Select(entry => $"{new TableName(entry.Schema, entry.Table)}, key {entry.Key}: {entry.Problem}")
                    )
                    + ".",
                "Compare the rows with those of the other nodes. After the table is fixed, have them processed again:\n"
                    + string.Join('\n', oldest.Select(entry => Text($"SELECT trktr.process_again({entry.Id});")))
                    + "\nor delete them from trktr.set_aside."
            );

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static Finding Good(string found) => new(CompatibilityCheck, Severity.Ok, found);

    private static Finding Warn(string found, string hint) => new(CompatibilityCheck, Severity.Warning, found, hint);
}
