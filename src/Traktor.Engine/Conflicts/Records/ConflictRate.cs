namespace Traktor.Engine.Conflicts.Records;

/// <summary>How many conflicts this node met, minute by minute.</summary>
/// <param name="Node">This node.</param>
/// <param name="LastId">The greatest number that was counted: who counts on by itself begins after it.</param>
/// <param name="IsComplete">False when there were so many that the oldest of these minutes were not counted.</param>
/// <param name="Minutes">Only minutes with conflicts, in no order; those of one minute by table and type.</param>
public sealed record ConflictRate(int Node, long LastId, bool IsComplete, IReadOnlyList<MinuteCount> Minutes)
{
    /// <summary>The minutes that can be asked for at most: a day.</summary>
    public const int LongestPeriod = 24 * 60;
}

/// <summary>Conflicts of one minute.</summary>
/// <param name="Minute">Its beginning, by the clock of the node's server.</param>
/// <param name="Relation">The table.</param>
/// <param name="ConflictType">What kind of conflicts.</param>
/// <param name="Conflicts">How many.</param>
public sealed record MinuteCount(DateTimeOffset Minute, string Relation, ConflictType ConflictType, long Conflicts);
