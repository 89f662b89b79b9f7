using NpgsqlTypes;

namespace Traktor.Engine.Healing.Reading;

/// <summary>The header of a remote transaction.</summary>
/// <param name="Lsn">The position of its commit. It identifies the transaction in conflicts and in the server's
/// messages ("finished at").</param>
/// <param name="Committed">The peer's commit timestamp.</param>
/// <param name="Xid">The peer's transaction id.</param>
internal sealed record RemoteTransaction(NpgsqlLogSequenceNumber Lsn, DateTime Committed, uint Xid);

/// <summary>
/// A remote transaction, or a part of a large one. A large transaction is never held in memory as a whole.
/// </summary>
/// <param name="Transaction">The transaction.</param>
/// <param name="Changes">The changes of this part.</param>
/// <param name="IsFirst">Whether it is the transaction's first part.</param>
/// <param name="End">The position after the commit, to which the origin's progress moves; null when more parts
/// follow.</param>
internal sealed record RemotePart(
    RemoteTransaction Transaction,
    IReadOnlyList<RemoteChange> Changes,
    bool IsFirst,
    NpgsqlLogSequenceNumber? End
)
{
    /// <summary>Whether it is the whole transaction.</summary>
    public bool IsWhole => IsFirst && End is not null;
}
