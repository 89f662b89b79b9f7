using System.Text.Json;

namespace Traktor.Engine.Conflicts.Records;

/// <summary>A conflict, one row of <c>trktr.history</c>: waiting while <see cref="Resolved"/> is null.</summary>
public sealed record HistoryEntry
{
    /// <summary>Number of the conflict on this node.</summary>
    public required long Id { get; init; }

    /// <summary>When it was met here.</summary>
    public required DateTimeOffset Occurred { get; init; }

    /// <summary>End of the remote transaction in the peer's WAL.</summary>
    public required string Lsn { get; init; }

    /// <summary>Which change of that transaction, the first being 1.</summary>
    public required int Ordinal { get; init; }

    /// <summary>Name of the subscription.</summary>
    public required string Subscription { get; init; }

    /// <summary>NodeID of the peer that sent the change.</summary>
    public required int Peer { get; init; }

    /// <summary>The table as schema.table, quoted where needed.</summary>
    public required string Relation { get; init; }

    /// <summary>What kind of conflict it is.</summary>
    public required ConflictType ConflictType { get; init; }

    /// <summary>Whether it waits.</summary>
    public ConflictState State => Resolved is null ? ConflictState.Pending : ConflictState.Resolved;

    /// <summary>The remote change: insert, update, delete or truncate.</summary>
    public string? Operation { get; init; }

    /// <summary>Key columns of the row that the remote change is about.</summary>
    public JsonElement? Key { get; init; }

    /// <summary>The same as the remote row: its older name.</summary>
    public JsonElement? Value => RemoteRow;

    /// <summary>The row that was here; an array where several were in the way; null when there was none.</summary>
    public JsonElement? LocalRow { get; init; }

    /// <summary>Commit timestamp of the local version, on the node that wrote it.</summary>
    public DateTimeOffset? LocalStamp { get; init; }

    /// <summary>NodeID of the node that wrote the local version.</summary>
    public int? LocalOrigin { get; init; }

    /// <summary>The row that arrived; null for a delete.</summary>
    public JsonElement? RemoteRow { get; init; }

    /// <summary>Commit timestamp of the remote transaction, on the peer.</summary>
    public DateTimeOffset? RemoteStamp { get; init; }

    /// <summary>NodeID of the node that wrote the remote version.</summary>
    public int? RemoteOrigin { get; init; }

    /// <summary>The unique index that was violated; null where it was none.</summary>
    public string? UniqueIndex { get; init; }

    /// <summary>SQLSTATE of the server's error; null where the server raised none.</summary>
    public string? SqlStateCode { get; init; }

    /// <summary>What happened and why it was decided so, in words.</summary>
    public string? Reason { get; init; }

    /// <summary>The policy that was followed.</summary>
    public Policy? Policy { get; init; }

    /// <summary>What the policy said.</summary>
    public Outcome? Outcome { get; init; }

    /// <summary>What somebody decided by hand; null while nobody has.</summary>
    public Resolution? Decision { get; init; }

    /// <summary>The columns to be written, of a merge by hand.</summary>
    public JsonElement? MergedRow { get; init; }

    /// <summary>Who decided by hand.</summary>
    public string? DecidedBy { get; init; }

    /// <summary>When it was decided by hand.</summary>
    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>What was done in the end; null while it waits.</summary>
    public string? Resolution { get; init; }

    /// <summary>When that was done.</summary>
    public DateTimeOffset? Resolved { get; init; }

    /// <summary>By which policy, or by whom.</summary>
    public string? ResolvedBy { get; init; }

    /// <summary>Grows with every change of this row after it was recorded; null when there was none.</summary>
    public long? Revision { get; init; }

    /// <summary>Stamp of the local version; null when there was none or it is not known.</summary>
    internal Stamp? LocalVersion => LocalStamp is { } at && LocalOrigin is { } node ? new Stamp(at, node) : null;

    /// <summary>Stamp of the remote version.</summary>
    internal Stamp? RemoteVersion => RemoteStamp is { } at ? new Stamp(at, RemoteOrigin ?? Peer) : null;
}
