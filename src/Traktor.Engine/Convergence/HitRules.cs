namespace Traktor.Engine.Convergence;

/// <summary>
/// What the trigger on applied changes decides, in words that can be simulated; <c>trktr.note_hit</c> does the same. A
/// hit holds the row's lock, and so does the arbiter when it puts a key into the register: they cannot miss one
/// another.
/// </summary>
public static class HitRules
{
    /// <summary>Whether a change that hits a row is noted in the journal.</summary>
    /// <param name="hit">What is known of it.</param>
    public static bool IsJournaled(Hit hit) =>
        hit.IsOwnTransaction
            ? hit.HasJournaled
            : (!hit.IsStable && (!hit.IsStreamsOrigin || (hit.IsDelete && !hit.IsQuiet))) || (!hit.IsCertifiedEmpty && hit.IsContested);
}

/// <summary>A change that hits a row.</summary>
/// <param name="IsOwnTransaction">Whether the same transaction wrote the row before.</param>
/// <param name="HasJournaled">Whether this transaction has noted anything before: then what it does to the row in the
/// end has to be known.</param>
/// <param name="IsStable">Whether everybody is known to have the version that is hit:
/// <see cref="Heartbeats.HeartbeatLog.Horizon"/>.</param>
/// <param name="IsStreamsOrigin">Whether that version is of the node whose change it is.</param>
/// <param name="IsDelete">Whether the change takes the row away, or gives it another key.</param>
/// <param name="IsQuiet"> Whether all that this stream has noted is digested: otherwise the version that is deleted may
/// have been noted as the winner, and nobody else would know that its own node took it back.
/// </param>
/// <param name="IsCertifiedEmpty">Whether the arbiter lives and vouches that nothing is in the register.</param>
/// <param name="IsContested">Whether the key is in the register.</param>
public readonly record struct Hit(
    bool IsOwnTransaction,
    bool HasJournaled,
    bool IsStable,
    bool IsStreamsOrigin,
    bool IsDelete,
    bool IsQuiet,
    bool IsCertifiedEmpty,
    bool IsContested
);
