using Traktor.Engine.ConnectionStrings;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Subscriptions.Observation;

/// <summary>What a connection string leads to, as seen by this node's arbiter.</summary>
/// <param name="Node">The NodeID of the node; null when the database is not initialised.</param>
/// <param name="IsInitialized">Whether the database is a node.</param>
/// <param name="IsSelf">Whether it is this node itself, or a copy of its database.</param>
/// <param name="IsStandby">Whether it is a standby, which cannot be written to.</param>
/// <param name="ServerVersionNum"><c>server_version_num</c>, for example 160014.</param>
/// <param name="Problem">Why this node cannot subscribe to it, in a sentence; null when it can.</param>
/// <param name="Hint">What to do about it.</param>
public sealed record ProbeReport(
    int? Node,
    bool IsInitialized,
    bool IsSelf,
    bool IsStandby,
    int ServerVersionNum,
    string? Problem,
    string? Hint
);

/// <summary>
/// Finds out what a connection string leads to before a subscription is created. It changes nothing there.
/// </summary>
/// <param name="local">This node.</param>
public sealed class PeerProbe(LocalNode local)
{
    /// <summary>Connects and reports.</summary>
    /// <exception cref="RefusedException">Malformed connection string; Unavailable when the server does not answer;
    /// Conflict when this node is not initialised.</exception>
    public async Task<ProbeReport> ProbeAsync(string connectionString, CancellationToken cancel)
    {
        var conninfo = Conninfo.Parse(connectionString);
        var (own, self) = await local.OpenIdentifiedAsync(cancel);
        await own.DisposeAsync();
        // A separate pool that is closed at once: a tried connection string is not kept.
        await using var database = Database.ToTry(conninfo, $"traktor_{local.NodeId}");
        try
        {
            await using var connection = await database.TryOpenAsync(cancel);
            var seen = await NodeProbe.LookAsync(connection, cancel);
            var refusal = PeerCheck.WhyRefused(seen, seen.Identity?.NodeId ?? -1, self, local.Pre16Compatibility);
            if (seen.Identity is null && refusal is not null)
                refusal = RefusedException.Conflict(
                    "The database is not initialised, so it is not a node yet.",
                    "Initialise it first, in the console of its own arbiter."
                );
            return new ProbeReport(
                seen.Identity?.NodeId,
                seen.Identity is not null,
                seen.Identity?.Incarnation == self.Incarnation,
                seen.IsStandby,
                seen.VersionNum,
                refusal?.Message,
                refusal?.Hint
            );
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "the server at this connection string");
        }
    }
}
