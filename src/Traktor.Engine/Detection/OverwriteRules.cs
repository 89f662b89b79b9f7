namespace Traktor.Engine.Detection;

/// <summary>
/// Which applied changes are logged, in a form that the simulation drives. The triggers decide the same in SQL
/// (<c>Schema/Functions/detect_update.sql</c>, <c>detect_delete.sql</c>, <c>log_overwrite.sql</c>), and so do the
/// healer's statements (<c>Healing/Statements/OverwriteLog</c>); OverwriteRulesTests compares all of them. A change
/// holds the row's lock, and so does the arbiter when it makes a key contested: neither misses the other.
/// </summary>
public static class OverwriteRules
{
    /// <summary>Whether a change that overwrites a row is logged.</summary>
    /// <param name="change">What is known of it.</param>
    public static bool IsLogged(OverwritingChange change) =>
        change.IsOwnTransaction
            ? change.HasLogged
            : (!change.IsStable && (!change.IsStreamsOrigin || (change.IsDelete && !change.IsProcessed)))
                || (!change.IsNothingContested && change.IsContested);
}

/// <summary>A change that overwrites a row.</summary>
/// <param name="IsOwnTransaction">Whether the same transaction wrote the row before.</param>
/// <param name="HasLogged">Whether this transaction has logged anything before: then the row's last version in it has
/// to be known.</param>
/// <param name="IsStable">Whether every node is known to have the overwritten version: <c>HeartbeatLog.StableXid</c>.
/// The same holds for a version that an insert overwrites under a policy by which every node decides the same
/// (<c>Recording.Final</c>), and for one whose stamp the server has forgotten, which is old.</param>
/// <param name="IsStreamsOrigin">Whether the node that sends the change wrote that version.</param>
/// <param name="IsDelete">Whether the change deletes the row, or changes its key.</param>
/// <param name="IsProcessed">Whether the arbiter has processed all that this stream has logged. Otherwise the deleted
/// version may have been announced as the winner, and no other node would know that its own node deleted it.</param>
/// <param name="IsNothingContested">Whether the arbiter has certified that no key is contested.</param>
/// <param name="IsContested">Whether the key is contested.</param>
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
