using System.Globalization;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Subscriptions.Observation;

/// <summary>Whether a connection string leads to the node it should lead to.</summary>
public static class PeerCheck
{
    /// <summary>
    /// The refusal when <paramref name="seen"/> is not node <paramref name="claimed"/>, or is this node itself;
    /// otherwise null.
    /// </summary>
    public static RefusedException? WhyRefused(NodeProbe seen, int claimed, NodeIdentity self, bool pre16Compatibility)
    {
        if (ServerVersion.WhyRefused(seen.VersionNum, Name(claimed), pre16Compatibility) is { } tooOld)
            return tooOld;
        if (seen.Identity is not { } identity)
            return RefusedException.Conflict(
                $"The connection string leads to a database that is not initialised, so it cannot be node {claimed}.",
                "Initialise it first: PUT /v1/arbiter/control on its arbiter."
            );
        if (identity.Incarnation == self.Incarnation)
            return RefusedException.Conflict(
                $"The connection string leads to this node itself (node {self.NodeId}), or to a copy of its database.",
                $"Give the connection string of node {claimed}."
            );
        if (identity.NodeId != claimed)
            return RefusedException.Conflict(
                $"The connection string leads to node {identity.NodeId}, not to node {claimed}.",
                $"Correct inbound_node or the connection string."
            );
        if (identity.IsCopy)
            return RefusedException.Conflict(
                $"The connection string leads to a copy of node {claimed}'s database.",
                $"Give the connection string of the database that was initialised as node {claimed}."
            );
        if (seen.IsStandby)
            return RefusedException.Conflict(
                $"The connection string leads to a standby of node {claimed}, which cannot be written to.",
                "Give the primary's address."
            );
        return null;
    }

    /// <summary>A peer's name in sentences.</summary>
    public static string Name(int node) => string.Create(CultureInfo.InvariantCulture, $"node {node}");
}
