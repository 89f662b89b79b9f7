namespace Traktor.Engine.Conflicts.Feed;

/// <summary>
/// Follows numbers that a sequence gives out and transactions commit in another order: a number that was passed over is
/// waited for until every transaction that could still bring it has ended. Most of those never come: their transactions
/// were rolled back.
/// </summary>
internal sealed class SequenceCursor(long last)
{
    /// <summary>Numbers waited for at most; the oldest are given up first.</summary>
    public const int MostLate = 1000;

    // A number is drawn a moment before its transaction has an id, so that a single look at the running transactions could overlook it.
    private const int FewestLooks = 4;

    private readonly SortedDictionary<long, (long Horizon, int Looks)> late = [];

    /// <summary>The greatest number seen.</summary>
    public long Last { get; private set; } = last;

    /// <summary>Numbers that were passed over and may still come.</summary>
    public IReadOnlyCollection<long> Late => late.Keys;

    /// <summary>Everything up to here was seen, or will never come.</summary>
    public long Settled => late.Count == 0 ? Last : late.Keys.First() - 1;

    /// <summary>Takes note of one look.</summary>
    /// <param name="seen">The numbers that were there, above <see cref="Last"/> or late.</param>
    /// <param name="oldestRunning">The oldest transaction id that was still running at the look (<c>pg_snapshot_xmin</c>).</param>
    /// <param name="next">The first transaction id that was not given out yet (<c>pg_snapshot_xmax</c>).</param>
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
