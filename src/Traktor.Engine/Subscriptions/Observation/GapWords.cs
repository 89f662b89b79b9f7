using System.Globalization;

namespace Traktor.Engine.Subscriptions.Observation;

/// <summary>Says that a peer is not what it was, or this node is not, and what to do.</summary>
public static class GapWords
{
    /// <summary>The peer's WAL ends before what was received from it.</summary>
    public static string Ahead(int peer, int node) =>
        $"Node {peer} has lost changes that node {node} has received from it, and its new changes do not arrive: it was restored from a "
        + $"backup, or a standby was promoted that lagged. {Remedy(peer)}";

    /// <summary>A part of the peer's stream is missing, and the way out.</summary>
    public static string Of(int peer, int node, StreamGap gap) => $"{What(peer, node, gap)} {Remedy(peer)}";

    /// <summary>A part of the peer's stream is missing.</summary>
    public static string What(int peer, int node, StreamGap gap) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{(gap.IsBack
                ? $"Node {peer} has gone back to an earlier state (its heartbeat {gap.To} came after {gap.From}): it was restored from a "
                    + "backup, or a standby was promoted that lagged."
                : $"Changes of node {peer} are missing on node {node} (its heartbeat {gap.To} came after {gap.From}): node {node} was "
                    + $"restored from a backup, a standby was promoted that lagged, or the slot was moved.")} "
        ) + $"Nothing is applied since {gap.At:u}.";

    /// <summary>The way out.</summary>
    public static string Remedy(int peer) =>
        $"Subscribe anew: POST /v1/arbiter/subscription/{peer}/renew. Then compare the tables and repair what differs.";
}
