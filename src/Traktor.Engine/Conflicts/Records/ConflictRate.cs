namespace Traktor.Engine.Conflicts.Records;

/// <summary>How many conflicts this node detected, by minute.</summary>
/// <param name="Node">This node.</param>
/// <param name="LastId">The greatest conflict id that was counted. A client that continues counting starts after
/// it.</param>
/// <param name="IsComplete">False if there were so many that the oldest minutes are incomplete.</param>
/// <param name="Minutes">Only minutes with conflicts, unordered, each by table and type.</param>
public sealed record ConflictRate(int Node, long LastId, bool IsComplete, IReadOnlyList<MinuteCount> Minutes)
{
    /// <summary>The longest period, in minutes: a day.</summary>
    public const int LongestPeriod = 24 * 60;
}

/// <summary>Conflicts of one minute.</summary>
/// <param name="Minute">Its beginning, by the clock of the node's server.</param>
/// <param name="Relation">The table.</param>
/// <param name="ConflictType">The conflict type.</param>
/// <param name="Conflicts">How many.</param>
public sealed record MinuteCount(DateTimeOffset Minute, string Relation, ConflictType ConflictType, long Conflicts);
