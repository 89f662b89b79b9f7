using Traktor.Engine.Conflicts;
using Traktor.Engine.Detection;
using Traktor.Engine.Healing.Reading;

namespace Traktor.E2ETests.Detector;

/// <summary>Who logs an overwrite.</summary>
internal enum OverwriteForm
{
    /// <summary>The table's triggers.</summary>
    Trigger,

    /// <summary>The healer's statements for one row, <c>OverwriteLog.Script</c>.</summary>
    OneRow,

    /// <summary>The healer's statement for many rows, <c>OverwriteLog.Around</c>.</summary>
    ManyRows,
}

/// <summary>A change that overwrites a row, and all that decides whether it is logged.</summary>
/// <param name="Form">Who logs it.</param>
/// <param name="Kind">What the peer did. The insert of an existing key overwrites as an update does.</param>
/// <param name="Policy">The table's policy, by which only inserts differ.</param>
/// <param name="Change">What the rule depends on.</param>
/// <param name="IsForgotten">Whether the server has forgotten the stamp of the overwritten version.</param>
/// <param name="ChangesKey">Whether the update changes the key. The healer leaves the logging of that to the
/// triggers.</param>
internal sealed record OverwriteCase(
    OverwriteForm Form,
    ChangeKind Kind,
    Policy Policy,
    OverwritingChange Change,
    bool IsForgotten,
    bool ChangesKey
)
{
    private static readonly bool[] Both = [false, true];

    /// <summary>What the rule says.</summary>
    public bool IsLogged => OverwriteRules.IsLogged(CountsAsStable ? Change with { IsStable = true } : Change);

    /// <summary>
    /// Every case that can occur. These cannot: a version of the transaction's own that is stable or has an
    /// origin, because it is not committed; an insert over such a version, because the peer inserts a key once;
    /// something logged in this transaction and all that is logged processed, because logging clears that setting; a
    /// contested key while the arbiter certifies that there is none, because it revokes that before it stores the key.
    /// The triggers rely on it for ordinary versions, so that those have the last case too; whoever is about to log
    /// looks the key up, whatever is certified. A version whose stamp is
    /// forgotten is otherwise as one of this node's own that is not stable, and under first_update_wins no insert
    /// overwrites it.
    /// </summary>
    public static IEnumerable<OverwriteCase> All() =>
        from form in Enum.GetValues<OverwriteForm>()
        from kind in (ChangeKind[])[ChangeKind.Insert, ChangeKind.Update, ChangeKind.Delete]
        from policy in (Policy[])[Policy.LastUpdateWins, Policy.FirstUpdateWins, Policy.NodePriority]
        where kind == ChangeKind.Insert || policy != Policy.FirstUpdateWins
        from changesKey in Both
        where !changesKey || (form == OverwriteForm.Trigger && kind == ChangeKind.Update)
        from change in Changes(isDelete: changesKey || kind == ChangeKind.Delete)
        where !(change.IsOwnTransaction && (kind == ChangeKind.Insert || change.IsStable || change.IsStreamsOrigin))
        where !(change.HasLogged && change.IsProcessed)
        from isForgotten in Both
        where !(isForgotten && (change.IsOwnTransaction || change.HasLogged || change.IsStable || change.IsStreamsOrigin))
        where !(isForgotten && kind == ChangeKind.Insert && policy == Policy.FirstUpdateWins)
        let it = new OverwriteCase(form, kind, policy, change, isForgotten, changesKey)
        where !(change.IsNothingContested && change.IsContested) || (form == OverwriteForm.Trigger && !it.CountsAsStable)
        select it;

    /// <summary>
    /// Whether every node decides the same about what an insert overwrites, because the policy does not go by time, or
    /// the version is so old that its stamp is forgotten.
    /// </summary>
    private bool CountsAsStable => IsForgotten || (Kind == ChangeKind.Insert && Policy != Policy.LastUpdateWins);

    private static IEnumerable<OverwritingChange> Changes(bool isDelete) =>
        from isOwn in Both
        from hasLogged in Both
        from isStable in Both
        from isStreamsOrigin in Both
        from isProcessed in Both
        from isNothingContested in Both
        from isContested in Both
        select new OverwritingChange(isOwn, hasLogged, isStable, isStreamsOrigin, isDelete, isProcessed, isNothingContested, isContested);
}
