namespace Traktor.Engine.Conflicts.Feed;

/// <summary>
/// Follows the numbers of a sequence, which transactions commit in another order. A skipped number is awaited until
/// every transaction that could still commit it has ended. Most of them never appear, because their transactions were
/// rolled back.
/// </summary>
internal sealed class SequenceCursor(long last)
{
    /// <summary>The most numbers awaited; the oldest are given up first.</summary>
    public const int MostLate = 1000;

    // A transaction may take its number a moment before it has an id: one look at the running transactions could miss
    // it.
    private const int FewestLooks = 4;

    private readonly SortedDictionary<long, (long Horizon, int Looks)> late = [];

    /// <summary>The greatest number seen.</summary>
    public long Last { get; private set; } = last;

    /// <summary>Skipped numbers that may still appear.</summary>
    public IReadOnlyCollection<long> Late => late.Keys;

    /// <summary>Every number up to here was seen or will never appear.</summary>
    public long Settled => late.Count == 0 ? Last : late.Keys.First() - 1;

    /// <summary>Processes the result of one query.</summary>
    /// <param name="seen">The numbers found above <see cref="Last"/> or among the late ones.</param>
    /// <param name="oldestRunning">The oldest running transaction id at the query (<c>pg_snapshot_xmin</c>).</param>
    /// <param name="next">The first transaction id not yet assigned (<c>pg_snapshot_xmax</c>).</param>
    public void Saw(IEnumerable<long> seen, long oldestRunning, long next)
    {
        foreach (var (number, (horizon, looks)) in late.ToList())
            if (looks >= FewestLooks && oldestRunning >= horizon)
                late.Remove(number);
            else
                late[number] = (looks == 0 ? next : horizon, looks + 1);
        foreach (var number in seen.Order())
        {
            late.Remove(number);
            for (var passed = Math.Max(Last + 1, number - MostLate); passed < number; passed++)
                late[passed] = (long.MaxValue, 0);
            Last = Math.Max(Last, number);
        }

        while (late.Count > MostLate)
            late.Remove(late.Keys.First());
    }
}
