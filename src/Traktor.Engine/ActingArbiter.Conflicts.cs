using Traktor.Engine.Access;
using Traktor.Engine.Conflicts.Decisions;
using Traktor.Engine.Conflicts.Mesh;

namespace Traktor.Engine;

public sealed partial class ActingArbiter
{
    /// <summary>
    /// Decides a conflict on this node and, with <paramref name="isMesh"/>, on every node where the same row waits.
    /// </summary>
    public Task<DecisionReport> DecideAsync(long id, HandDecision decision, bool isMesh, CancellationToken cancel) =>
        RunAsync(
            ArbiterAction.Decide,
            Numbered(id),
            _ => ConflictAsync(id, cancel),
            async () =>
                await arbiter.ThenLookAsync(
                    await arbiter.meshDecisions.DecideAsync(id, decision, By(decision.By), isMesh ? Actor : null, cancel),
                    cancel
                )
        );

    /// <summary>Restores a version of a resolved conflict, as this node's own change.</summary>
    /// <param name="id">Number of the conflict.</param>
    /// <param name="version">Which version.</param>
    /// <param name="expected">The version of the row that the caller has seen; null for any.</param>
    /// <param name="by">Who restores it, for the record; null for the actor's name.</param>
    /// <param name="cancel">Cancels the call.</param>
    public Task<RestorationReport> RestoreAsync(
        long id,
        RowSide version,
        ExpectedVersion? expected,
        string? by,
        CancellationToken cancel
    ) =>
        RunAsync(
            ArbiterAction.Restore,
            Numbered(id),
            isDone => RestoredAsync(id, version, isDone, cancel),
            () => arbiter.restorations.RestoreAsync(id, version, expected, By(by), cancel)
        );

    private string By(string? given) => given?.Trim() ?? Actor.Name;

    /// <summary>A conflict as the audit log has it: no rows, which are in the history.</summary>
    private async Task<object?> ConflictAsync(long id, CancellationToken cancel)
    {
        var conflict = (await arbiter.ConflictAsync(id, cancel)).Conflict;
        return new
        {
            conflict.Relation,
            conflict.State,
            conflict.Decision,
            conflict.DecidedBy,
        };
    }

    private async Task<object?> RestoredAsync(long id, RowSide version, bool isDone, CancellationToken cancel) =>
        isDone ? new { Version = version } : new { (await arbiter.ConflictAsync(id, cancel)).Conflict.Relation };
}
