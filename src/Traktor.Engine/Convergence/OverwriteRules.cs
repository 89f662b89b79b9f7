namespace Traktor.Engine.Convergence;

/// <summary>
/// What the trigger on applied changes decides, in words that can be simulated; <c>trktr.log_overwrite</c> does the same. A
/// change holds the row's lock, and so does the arbiter when it puts a key into the contested keys: they cannot miss one
/// another.
/// </summary>
public static class OverwriteRules
{
    /// <summary>Whether a change that hits a row is logged in the overwrite log.</summary>
    /// <param name="change">What is known of it.</param>
    public static bool IsLogged(OverwritingChange change) =>
        change.IsOwnTransaction
            ? change.HasLogged
            : (!change.IsStable && (!change.IsStreamsOrigin || (change.IsDelete && !change.IsProcessed)))
                || (!change.IsNothingContested && change.IsContested);
}

/// <summary>A change that hits a row.</summary>
/// <param name="IsOwnTransaction">Whether the same transaction wrote the row before.</param>
/// <param name="HasLogged">Whether this transaction has noted anything before: then what it does to the row in the
/// end has to be known.</param>
/// <param name="IsStable">Whether everybody is known to have the version that is change:
/// <see cref="Heartbeats.HeartbeatLog.StableXid"/>.</param>
/// <param name="IsStreamsOrigin">Whether that version is of the node whose change it is.</param>
/// <param name="IsDelete">Whether the change takes the row away, or gives it another key.</param>
/// <param name="IsProcessed"> Whether all that this stream has noted is processed: otherwise the version that is deleted may
/// have been noted as the winner, and nobody else would know that its own node took it back.
/// </param>
/// <param name="IsNothingContested">Whether the arbiter lives and vouches that nothing is in the contested keys.</param>
/// <param name="IsContested">Whether the key is in the contested keys.</param>
public readonly record struct OverwritingChange(
    bool IsOwnTransaction,
    bool HasLogged,
    bool IsStable,
    bool IsStreamsOrigin,
    bool IsDelete,
    bool IsProcessed,
    bool IsNothingContested,
    bool IsContested
);
