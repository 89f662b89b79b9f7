using System.Globalization;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Membership;

/// <summary>What preflight finds beside this node's server: the peers' clocks and heartbeats, and what workers cannot do.</summary>
public static class MeshFindings
{
    private const string CompatibilityCheck = "pre16compatibility";

    private static readonly TimeSpan HeartbeatPatience = TimeSpan.FromSeconds(70);

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
        var others = nodes.Where(node => !node.IsSelf && node.Pre16Compatibility != isOn).Select(node => node.Node).Order().ToList();
        var old = nodes.Where(node => node.ServerVersionNum < ServerVersion.KnowsOrigin).Select(node => node.Node).Order().ToList();
        if (others.Count > 0)
            return Warn(
                $"Pre16Compatibility is {(isOn ? "True" : "False")} here and {(isOn ? "False" : "True")} on {Nodes(others)}.",
                old.Count > 0 || dependents.Count > 0
                    ? "Set it to True in every node's arbiter.ini: a server of the mesh is older than PostgreSQL 16."
                    : "Set it to the same in every node's arbiter.ini: True while a server of the mesh is older than PostgreSQL "
                        + "16, or will be, else False."
            );
        if (!isOn && dependents.Count > 0)
            return Warn(
                $"Pre16Compatibility is False, but {Nodes(dependents)} {(dependents.Count == 1 ? "needs" : "need")} this node's "
                    + $"marks; they go on as long as that is so.",
                "Set it to True on every node until the last server older than PostgreSQL 16 has left the mesh."
            );
        return !isOn ? Good("Pre16Compatibility is False.")
            : old.Count > 0 ? Good($"Pre16Compatibility is True, for {Nodes(old)}.")
            : Good("Pre16Compatibility is True. No node runs PostgreSQL 15: when none is to join, it can be set to False, node by node.");
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
                "Start its arbiter, or upgrade it; if its subscription here is paused or behind, it comes with that. Until "
                    + "then every change of a row that another node wrote is looked into, which costs."
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
            "Mend the table as the error says; it is tried again twice a second. Until then no node forgets what was "
                + "contested, and every change of a row that another node wrote is looked into."
        );

    private static Finding Good(string found) => new(CompatibilityCheck, Severity.Ok, found);

    private static Finding Warn(string found, string hint) => new(CompatibilityCheck, Severity.Warning, found, hint);
}
