using Traktor.Engine.Conflicts.Rows;

namespace Traktor.Engine.Conflicts.Decisions;

/// <summary>The version of a row that an operator saw before deciding.</summary>
/// <param name="Stamp">When it was committed, on the node that wrote it; null when there was no row.</param>
/// <param name="Origin">NodeID of the node that wrote it; null when there was no row.</param>
public sealed record ExpectedVersion(DateTimeOffset? Stamp, int? Origin)
{
    /// <summary>The refusal for a row that has changed; null when it is this version.</summary>
    public RefusedException? WhyNot(RowFound now)
    {
        if (now.Row is null)
            return Stamp is null ? null : Changed(now, "was deleted");
        if (Stamp is not { } stamp)
            return Changed(now, "was written");
        // The server no longer has the timestamp, so the version is old.
        if (now is not { Stamp: { } committed, Origin: { } origin })
            return null;
        var current = new Stamp(committed, origin);
        return current == new Stamp(stamp, Origin ?? origin) ? null : Changed(now, $"was changed ({current})");
    }

    private static RefusedException Changed(RowFound now, string how) =>
        RefusedException.Conflict(
            $"The row of {now.Relation} {how} on node {now.Node} since you read it; nothing was done.",
            "Read the row again, then decide."
        );
}
