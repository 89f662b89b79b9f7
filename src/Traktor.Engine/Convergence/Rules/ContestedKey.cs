using Traktor.Engine.Conflicts;

namespace Traktor.Engine.Convergence.Rules;

/// <summary>What a node remembers of a contested key, until everybody knows it.</summary>
/// <param name="Version">The greatest version that is known.</param>
/// <param name="Touched">The node's own heartbeat, by number, that everybody has to have acknowledged before it may be
/// forgotten.</param>
/// <param name="IsSent">Whether this version was sent as a winner, and no ordinary change of the key was seen
/// since.</param>
/// <param name="IsUnapplied">Whether the row has still to be brought to it; to an incomplete image it is not, until somebody has sent
/// it complete.</param>
/// <param name="Replaces">The row's stamp when that was decided, and only over that version it is written; null when
/// there was no row.</param>
/// <param name="IsUnsent"> Whether it has still to be sent as a winner, as soon as the row is brought to it: not before,
/// since a peer that has it may write on top of it, and where the row is missing that is dropped.
/// </param>
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
    /// <summary>Whether the row can be brought to it now.</summary>
    public bool IsWritable => IsUnapplied && !Version.IsIncomplete;

    /// <summary>Whether it is to be sent now.</summary>
    public bool IsToBeSent => IsUnsent && !IsWritable;

    /// <summary>Whether something is still to be done about it.</summary>
    public bool IsPending => IsWritable || IsUnsent;

    /// <summary>The same, its row written.</summary>
    public ContestedKey Written() => this with { IsUnapplied = false, Replaces = null };

    /// <summary>The same, sent.</summary>
    /// <param name="nextHeartbeat">Number of the next heartbeat that this node sends.</param>
    public ContestedKey Sent(long nextHeartbeat) => this with { IsUnsent = false, IsSent = true, Touched = nextHeartbeat };

    /// <summary>Whether the row is what this entry left it as: otherwise somebody has changed it.</summary>
    public bool Expects(RowVersion? row) =>
        IsUnapplied ? row?.Stamp == Replaces
        : Version.IsTombstone ? row is null
        : row?.Stamp == Version.Stamp;

    /// <summary>Whether the row that is locked now may be brought to the version: it is still the one that was decided over.</summary>
    public bool MayWriteOver(Stamp? row) => IsWritable && row == Replaces;
}
