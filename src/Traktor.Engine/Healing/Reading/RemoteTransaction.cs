using NpgsqlTypes;

namespace Traktor.Engine.Healing.Reading;

/// <summary>A remote transaction's head.</summary>
/// <param name="Lsn">The position of its commit, which names it in conflicts and in the server's own messages ("finished at").</param>
/// <param name="Committed">The peer's commit timestamp.</param>
/// <param name="Xid">The peer's transaction id.</param>
internal sealed record RemoteTransaction(NpgsqlLogSequenceNumber Lsn, DateTime Committed, uint Xid);

/// <summary>
/// A remote transaction, or, when it is large, a part of one: it is never held in memory as a whole.
/// </summary>
/// <param name="Transaction">The transaction.</param>
/// <param name="Changes">The changes of this part.</param>
/// <param name="IsFirst">Whether the transaction begins here.</param>
/// <param name="End">The position after its commit, up to which the origin's progress moves; null when more parts follow.</param>
internal sealed record RemotePart(
    RemoteTransaction Transaction,
    IReadOnlyList<RemoteChange> Changes,
    bool IsFirst,
    NpgsqlLogSequenceNumber? End
)
{
    /// <summary>Whether this is all of it.</summary>
    public bool IsWhole => IsFirst && End is not null;
}
