using System.Text.Json;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Records;

namespace Traktor.Web.Contracts.Conflicts;

/// <summary>
/// A conflict on one node in the live feed: everything except the rows, which <c>GET /v1/arbiter/conflicts/{id}</c> of
/// that node has.
/// </summary>
/// <param name="Node">The node that detected it.</param>
/// <param name="Id">Its number there.</param>
/// <param name="Occurred">When it was detected, by the clock of the node's server.</param>
/// <param name="Relation">The table as schema.table, quoted where needed.</param>
/// <param name="ConflictType">What kind of conflict it is.</param>
/// <param name="State">Pending or resolved.</param>
/// <param name="Operation">The remote change: insert, update, delete or truncate.</param>
/// <param name="Key">Key columns of the row.</param>
/// <param name="Peer">The node that sent the change.</param>
/// <param name="LocalStamp">When the local version was written; null when there was none.</param>
/// <param name="LocalOrigin">The node that wrote it.</param>
/// <param name="RemoteStamp">When the remote version was written.</param>
/// <param name="RemoteOrigin">The node that wrote it.</param>
/// <param name="Policy">The policy that was followed.</param>
/// <param name="Outcome">The outcome of the policy.</param>
/// <param name="Decision">The decision by hand; null when there is none.</param>
/// <param name="DecidedBy">Who decided.</param>
/// <param name="Resolution">What was done; null while it is pending.</param>
/// <param name="Resolved">When that was done.</param>
/// <param name="ResolvedBy">policy, convergence, mended, or who decided.</param>
/// <param name="Reason">What happened and why it was decided so.</param>
/// <param name="SqlStateCode">SQLSTATE of the server's error; null where it raised none.</param>
/// <param name="Revision">Grows with every change after it was recorded; null when there was none.</param>
public sealed record FeedEntry(
    int Node,
    long Id,
    DateTimeOffset Occurred,
    string Relation,
    ConflictType ConflictType,
    ConflictState State,
    string? Operation,
    JsonElement? Key,
    int Peer,
    DateTimeOffset? LocalStamp,
    int? LocalOrigin,
    DateTimeOffset? RemoteStamp,
    int? RemoteOrigin,
    Policy? Policy,
    Outcome? Outcome,
    Resolution? Decision,
    string? DecidedBy,
    string? Resolution,
    DateTimeOffset? Resolved,
    string? ResolvedBy,
    string? Reason,
    string? SqlStateCode,
    long? Revision
)
{
    public static FeedEntry Of(int node, HistoryEntry entry) =>
        new(
            node,
            entry.Id,
            entry.Occurred,
            entry.Relation,
            entry.ConflictType,
            entry.State,
            entry.Operation,
            entry.Key,
            entry.Peer,
            entry.LocalStamp,
            entry.LocalOrigin,
            entry.RemoteStamp,
            entry.RemoteOrigin,
            entry.Policy,
            entry.Outcome,
            entry.Decision,
            entry.DecidedBy,
            entry.Resolution,
            entry.Resolved,
            entry.ResolvedBy,
            entry.Reason,
            entry.SqlStateCode,
            entry.Revision
        );
}
