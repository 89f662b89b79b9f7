using Traktor.Engine.Conflicts;

namespace Traktor.Engine.Convergence.Rules;

/// <summary>What a node keeps about a contested key until every node has acknowledged it.</summary>
/// <param name="Version">The greatest version known.</param>
/// <param name="Touched">The number of this node's heartbeat that every node must have acknowledged before the entry
/// may be deleted.</param>
/// <param name="IsSent">Whether this version was announced as the winner and no ordinary change of the key has been
/// seen since.</param>
/// <param name="IsUnapplied">Whether the row is still to be written. An incomplete image is not written until a node
/// has sent the complete version.</param>
/// <param name="Replaces">The row's stamp at the time of the decision. Only that version is overwritten; null when
/// there was no row.</param>
/// <param name="IsUnsent">Whether the version is still to be announced once the row is written. Not earlier, because a
/// peer that has the version may update it, and here the update would be dropped if the row is missing.</param>
/// <param name="Decided">When it was decided, by this node's clock.</param>
public sealed record ContestedKey(
    RowVersion Version,
    long Touched,
    bool IsSent,
    bool IsUnapplied,
    Stamp? Replaces,
    bool IsUnsent,
    DateTimeOffset Decided
)
{
    /// <summary>Whether the row can be written now.</summary>
    public bool IsWritable => IsUnapplied && !Version.IsIncomplete;

    /// <summary>Whether the version is to be announced now.</summary>
    public bool IsToBeSent => IsUnsent && !IsWritable;

    /// <summary>Whether anything remains to be done.</summary>
    public bool IsPending => IsWritable || IsUnsent;

    /// <summary>Whether the row is as this entry left it. If not, it has been changed since.</summary>
    public bool Expects(RowVersion? row) =>
        IsUnapplied ? row?.Stamp == Replaces
        : Version.IsTombstone ? row is null
        : row?.Stamp == Version.Stamp;

    /// <summary>
    /// Whether the version may be written over the locked row: the row is still the one that the decision was made
    /// about.
    /// </summary>
    public bool MayWriteOver(Stamp? row) => IsWritable && row == Replaces;
}
