namespace Traktor.UnitTests.Engine.Convergence;

/// <summary>What many histories came to.</summary>
internal sealed class SimulationCounts
{
    private long verdicts;
    private long applied;
    private long journaled;
    private long operations;
    private long revived;

    /// <summary>Keys that came back though the last that happened to them was a delete.</summary>
    public long Revived => revived;

    public void Add(int verdictsSent, int transactionsApplied, int hitsJournaled, int operationsMade, int keysRevived)
    {
        Interlocked.Add(ref verdicts, verdictsSent);
        Interlocked.Add(ref applied, transactionsApplied);
        Interlocked.Add(ref journaled, hitsJournaled);
        Interlocked.Add(ref operations, operationsMade);
        Interlocked.Add(ref revived, keysRevived);
    }

    public override string ToString() =>
        $"{operations} operations, {applied} transactions applied, {journaled} hits noted, {verdicts} verdicts ({(double)verdicts / operations:0.00} an operation), {revived} deletes undone";
}
