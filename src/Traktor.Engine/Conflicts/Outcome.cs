namespace Traktor.Engine.Conflicts;

/// <summary>What becomes of a remote change.</summary>
public enum Outcome
{
    /// <summary>It is applied; local rows in its way lose and are recorded.</summary>
    ApplyRemote,

    /// <summary>What is here stays; the remote row loses and is recorded.</summary>
    KeepLocal,

    /// <summary>The transaction waits for a decision by hand, or for a table to be mended.</summary>
    DecisionNeeded,
}

/// <summary>An outcome with its grounds.</summary>
/// <param name="Outcome">What becomes of the change.</param>
/// <param name="Policy">The policy that was followed; another than the table's when that could not be.</param>
/// <param name="Reason">Why, in a sentence for the record.</param>
public sealed record Ruling(Outcome Outcome, Policy Policy, string Reason);
