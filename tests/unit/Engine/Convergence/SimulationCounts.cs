namespace Traktor.UnitTests.Engine.Convergence;

/// <summary>What many histories came to.</summary>
internal sealed class SimulationCounts
{
    private long verdicts;
    private long applied;
    private long journaled;
    private long operations;

    public void Add(int verdictsSent, int transactionsApplied, int hitsJournaled, int operationsMade)
    {
        Interlocked.Add(ref verdicts, verdictsSent);
        Interlocked.Add(ref applied, transactionsApplied);
        Interlocked.Add(ref journaled, hitsJournaled);
        Interlocked.Add(ref operations, operationsMade);
    }

    public override string ToString() => $"{operations} operations, {applied} transactions applied, {journaled} hits noted, {verdicts} verdicts ({(double)verdicts / operations:0.00} an operation)";
}
