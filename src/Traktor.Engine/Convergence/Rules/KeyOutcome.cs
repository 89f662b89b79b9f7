namespace Traktor.Engine.Convergence.Rules;

/// <summary>The decision on a key.</summary>
/// <param name="Contested">The new entry of the key. It says what remains to be done.</param>
/// <param name="Reasons">Why its version is announced to every node as the winner; none when it is not.</param>
/// <param name="Losses">Versions that lost, for the history.</param>
/// <param name="RowLoss">The version that loses when the row is written, for the history, in the same transaction.
/// Until then the row exists, and the healer may overwrite it first and record the loss itself.</param>
public sealed record KeyOutcome(ContestedKey Contested, SendReasons Reasons, IReadOnlyList<Loss> Losses, Loss? RowLoss = null);

/// <summary>Why a winner is announced.</summary>
[Flags]
public enum SendReasons
{
    /// <summary>It is not announced.</summary>
    None = 0,

    /// <summary>A change overwrote a version that its writer may not have seen.</summary>
    Overwrite = 1,

    /// <summary>A winner arrived that is older than the greatest version known on this node.</summary>
    Reply = 2,

    /// <summary>
    /// This node's row is replaced by a newer version. Another node may receive this node's older version after the
    /// winner that beats it.
    /// </summary>
    Announcement = 4,

    /// <summary>It was to be announced and has not been yet.</summary>
    Unsent = 8,
}

/// <summary>A version that loses on this node.</summary>
/// <param name="Local">The local version.</param>
/// <param name="Remote">The remote version.</param>
/// <param name="IsLocalKept">Whether the local version wins.</param>
/// <param name="UniqueIndex">The index that does not allow both, if they are rows of different keys.</param>
/// <param name="IsInsert">Whether the remote version was to be a new row.</param>
public sealed record Loss(RowVersion Local, RowVersion Remote, bool IsLocalKept, string? UniqueIndex = null, bool IsInsert = false);
