namespace Traktor.UnitTests.Engine.Convergence;

/// <summary>What many histories came to.</summary>
internal sealed class SimulationCounts
{
    private long winners;
    private long applied;
    private long logged;
    private long operations;
    private long revived;
    private long overturned;

    /// <summary>Keys that came back though the last that happened to them was a delete.</summary>
    public long Revived => revived;

    /// <summary>Keys that are not as the last writer left them, because a rewrite had erased its stamp.</summary>
    public long Overturned => overturned;

    public void Add(
        int verdictsSent,
        int transactionsApplied,
        int overwritesLogged,
        int operationsMade,
        int keysRevived,
        int keysOverturned
    )
    {
        Interlocked.Add(ref winners, verdictsSent);
        Interlocked.Add(ref applied, transactionsApplied);
        Interlocked.Add(ref logged, overwritesLogged);
        Interlocked.Add(ref operations, operationsMade);
        Interlocked.Add(ref revived, keysRevived);
        Interlocked.Add(ref overturned, keysOverturned);
    }

    public override string ToString() =>
        $"{operations} operations, {applied} transactions applied, {logged} hits noted, {winners} winners "
        + $"({(double)winners / operations:0.00} an operation), {revived} deletes undone, {overturned} versions "
        + "overturned after a rewrite";
}
