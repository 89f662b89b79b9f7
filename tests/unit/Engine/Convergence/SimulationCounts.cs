namespace Traktor.UnitTests.Engine.Convergence;

/// <summary>What many histories came to.</summary>
internal sealed class SimulationCounts
{
    private long winners;
    private long applied;
    private long logged;
    private long operations;
    private long revived;

    /// <summary>Keys that came back though the last that happened to them was a delete.</summary>
    public long Revived => revived;

    public void Add(int verdictsSent, int transactionsApplied, int overwritesLogged, int operationsMade, int keysRevived)
    {
        Interlocked.Add(ref winners, verdictsSent);
        Interlocked.Add(ref applied, transactionsApplied);
        Interlocked.Add(ref logged, overwritesLogged);
        Interlocked.Add(ref operations, operationsMade);
        Interlocked.Add(ref revived, keysRevived);
    }

    public override string ToString() =>
        $"{operations} operations, {applied} transactions applied, {logged} hits noted, {winners} winners "
        + $"({(double)winners / operations:0.00} an operation), {revived} deletes undone";
}
