using System.Text.Json;

namespace Traktor.Engine.Conflicts.Records;

/// <summary>A remote transaction with a conflict, one row of <c>trktr.remote_transaction</c>.</summary>
public sealed record RemoteTransaction
{
    /// <summary>Name of the subscription.</summary>
    public required string Subscription { get; init; }

    /// <summary>Its end in the peer's WAL.</summary>
    public required string Lsn { get; init; }

    /// <summary>Its transaction id on the peer.</summary>
    public required long Xid { get; init; }

    /// <summary>When it was committed, by the peer's clock.</summary>
    public required DateTimeOffset Committed { get; init; }

    /// <summary>Number of its changes.</summary>
    public required long ChangeCount { get; init; }

    /// <summary>The changes in their order: objects with ordinal, operation, relation, key, old and row.</summary>
    public required JsonElement Changes { get; init; }

    /// <summary>Whether only the first changes are included.</summary>
    public required bool IsTruncated { get; init; }
}

/// <summary>A conflict with its transaction.</summary>
/// <param name="Node">This node.</param>
/// <param name="Conflict">The conflict.</param>
/// <param name="Transaction">The whole remote transaction; null when it was not recorded.</param>
/// <param name="Undecided">Ids of the transaction's other conflicts that need a decision. It is applied when all are
/// decided.</param>
public sealed record ConflictCase(int Node, HistoryEntry Conflict, RemoteTransaction? Transaction, IReadOnlyList<long> Undecided);
