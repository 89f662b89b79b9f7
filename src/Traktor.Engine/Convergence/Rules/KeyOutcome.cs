namespace Traktor.Engine.Convergence.Rules;

/// <summary>What becomes of a key.</summary>
/// <param name="Contested">What is remembered of it from now on; it says what is still to be done.</param>
/// <param name="Reasons">Why its version is sent to everybody as a winner; none when it is not.</param>
/// <param name="Losses">What lost, for the history.</param>
/// <param name="RowLoss"> What loses when the row is brought to the version, for the history in the very transaction
/// that does so: until then it is here, and the healer may overwrite it first and record it.
/// </param>
public sealed record KeyOutcome(ContestedKey Contested, SendReasons Reasons, IReadOnlyList<Loss> Losses, Loss? RowLoss = null);

/// <summary>Why a winner is sent.</summary>
[Flags]
public enum SendReasons
{
    /// <summary>It is not.</summary>
    None = 0,

    /// <summary>A change hit a version that its writer may not have known.</summary>
    Overwrite = 1,

    /// <summary>A winner arrived that is older than what is known here.</summary>
    Reply = 2,

    /// <summary>
    /// The row here is brought to a newer version: somebody may get this node's older one after the winner that beat
    /// it.
    /// </summary>
    Announcement = 4,

    /// <summary>It was to be sent and has not been yet.</summary>
    Unsent = 8,
}

/// <summary>A version that loses on this node.</summary>
/// <param name="Local">What was here.</param>
/// <param name="Remote">What came.</param>
/// <param name="IsLocalKept">Whether what was here wins.</param>
/// <param name="UniqueIndex">The index that does not let the two stand side by side, where they are rows of different keys.</param>
/// <param name="IsInsert">Whether what came was to be a new row.</param>
public sealed record Loss(RowVersion Local, RowVersion Remote, bool IsLocalKept, string? UniqueIndex = null, bool IsInsert = false);
