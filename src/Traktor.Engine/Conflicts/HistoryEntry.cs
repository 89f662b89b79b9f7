using System.Text.Json;

namespace Traktor.Engine.Conflicts;

/// <summary>A healed conflict, one row of <c>trktr.history</c>.</summary>
public sealed record HistoryEntry(
    long Id,
    DateTimeOffset Occurred,
    string Lsn,
    int Ordinal,
    string Subscription,
    int Peer,
    string Relation,
    string ConflictType,
    JsonElement? Key,
    JsonElement? Value,
    JsonElement? LocalRow,
    JsonElement? RemoteRow,
    string? SqlStateCode,
    string? Reason,
    string? Resolution,
    DateTimeOffset? Resolved,
    string? ResolvedBy);

/// <summary>A page of the history, newest first.</summary>
/// <param name="Node">This node.</param>
/// <param name="Resolutions">The entries.</param>
/// <param name="Next">Pass it as <c>before</c> to get the next page; null on the last.</param>
public sealed record HistoryPage(int Node, IReadOnlyList<HistoryEntry> Resolutions, long? Next);
