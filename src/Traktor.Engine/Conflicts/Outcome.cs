namespace Traktor.Engine.Conflicts;

/// <summary>What happens to a remote change.</summary>
public enum Outcome
{
    /// <summary>It is applied. Blocking local rows lose and are recorded.</summary>
    ApplyRemote,

    /// <summary>The local row stays. The remote row loses and is recorded.</summary>
    KeepLocal,

    /// <summary>The transaction waits for a decision, or for a table to be fixed.</summary>
    DecisionNeeded,
}

/// <summary>An outcome and its reason.</summary>
/// <param name="Outcome">What happens to the change.</param>
/// <param name="Policy">The policy that was applied; it differs from the table's if that needs commit timestamps and
/// there are none.</param>
/// <param name="Reason">The reason, as a sentence for the record.</param>
public sealed record Ruling(Outcome Outcome, Policy Policy, string Reason);
