using System.Text.Json;

namespace Traktor.Engine.Conflicts.Records;

/// <summary>A conflict, one row of <c>trktr.history</c>. It waits while <see cref="Resolved"/> is null.</summary>
public sealed record HistoryEntry
{
    /// <summary>The conflict's number on this node.</summary>
    public required long Id { get; init; }

    /// <summary>When it was detected on this node.</summary>
    public required DateTimeOffset Occurred { get; init; }

    /// <summary>End of the remote transaction in the peer's WAL.</summary>
    public required string Lsn { get; init; }

    /// <summary>The change's number in that transaction, from 1.</summary>
    public required int Ordinal { get; init; }

    /// <summary>Name of the subscription.</summary>
    public required string Subscription { get; init; }

    /// <summary>NodeID of the peer that sent the change.</summary>
    public required int Peer { get; init; }

    /// <summary>The table as schema.table, quoted where needed.</summary>
    public required string Relation { get; init; }

    /// <summary>The conflict type.</summary>
    public required ConflictType ConflictType { get; init; }

    /// <summary>Whether it is resolved.</summary>
    public ConflictState State => Resolved is null ? ConflictState.Pending : ConflictState.Resolved;

    /// <summary>The remote change: insert, update, delete or truncate.</summary>
    public string? Operation { get; init; }

    /// <summary>Key columns of the row that the remote change is about.</summary>
    public JsonElement? Key { get; init; }

    /// <summary>The remote row under its older name.</summary>
    public JsonElement? Value => RemoteRow;

    /// <summary>The local row; an array of several blocking rows; null when there was none.</summary>
    public JsonElement? LocalRow { get; init; }

    /// <summary>Commit timestamp of the local version, on the node that wrote it.</summary>
    public DateTimeOffset? LocalStamp { get; init; }

    /// <summary>NodeID of the node that wrote the local version.</summary>
    public int? LocalOrigin { get; init; }

    /// <summary>The remote row; null for a delete.</summary>
    public JsonElement? RemoteRow { get; init; }

    /// <summary>Commit timestamp of the remote transaction, on the peer.</summary>
    public DateTimeOffset? RemoteStamp { get; init; }

    /// <summary>NodeID of the node that wrote the remote version.</summary>
    public int? RemoteOrigin { get; init; }

    /// <summary>The unique index that was violated; null when none was.</summary>
    public string? UniqueIndex { get; init; }

    /// <summary>SQLSTATE of the server's error; null when there was none.</summary>
    public string? SqlStateCode { get; init; }

    /// <summary>What happened and the reason for the outcome, in words.</summary>
    public string? Reason { get; init; }

    /// <summary>The policy that was applied.</summary>
    public Policy? Policy { get; init; }

    /// <summary>The outcome under the policy.</summary>
    public Outcome? Outcome { get; init; }

    /// <summary>The operator's decision; null while there is none.</summary>
    public Resolution? Decision { get; init; }

    /// <summary>The columns to write, for a merge.</summary>
    public JsonElement? MergedRow { get; init; }

    /// <summary>Who decided.</summary>
    public string? DecidedBy { get; init; }

    /// <summary>When it was decided.</summary>
    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>How it was resolved; null while it waits.</summary>
    public string? Resolution { get; init; }

    /// <summary>When it was resolved.</summary>
    public DateTimeOffset? Resolved { get; init; }

    /// <summary>The policy, or who decided.</summary>
    public string? ResolvedBy { get; init; }

    /// <summary>Increases with every change of this entry after it was recorded; null when there was none.</summary>
    public long? Revision { get; init; }

    /// <summary>Stamp of the local version; null when there was none or it is not known.</summary>
    internal Stamp? LocalVersion => LocalStamp is { } at && LocalOrigin is { } node ? new Stamp(at, node) : null;

    /// <summary>Stamp of the remote version.</summary>
    internal Stamp? RemoteVersion => RemoteStamp is { } at ? new Stamp(at, RemoteOrigin ?? Peer) : null;
}
