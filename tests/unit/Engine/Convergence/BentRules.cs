using Traktor.Engine.Conflicts;
using Traktor.Engine.Convergence.Rules;
using Traktor.Engine.Detection;

namespace Traktor.UnitTests.Engine.Convergence;

/// <summary>The rules with one of them switched off, each.</summary>
internal static class BentRules
{
    public static readonly IReadOnlyDictionary<string, SimulatedRules> All = new Dictionary<string, SimulatedRules>(StringComparer.Ordinal)
    {
        ["nothing is logged"] = new() { IsLogged = _ => false },
        ["contested keys are not looked up"] = new() { IsLogged = change => OverwriteRules.IsLogged(change with { IsContested = false }) },
        ["a node's own delete of what was logged is not"] = new()
        {
            IsLogged = change => OverwriteRules.IsLogged(change with { IsProcessed = true }),
        },
        ["only the first change of a transaction is logged"] = new()
        {
            IsLogged = change => !change.IsOwnTransaction && OverwriteRules.IsLogged(change),
        },
        ["everything counts as stable"] = new() { StableXid = _ => ulong.MaxValue },
        ["no winner for a change"] = Without(SendReasons.Overwrite),
        ["no reply"] = Without(SendReasons.Reply),
        ["no announcement"] = Without(SendReasons.Announcement),
        ["announced before the row is written"] = new() { AnnouncesAfterWriting = false },
        ["written over whatever is there"] = new() { MayWrite = (entry, _) => entry.IsWritable },
        ["purged at once"] = new() { MayPurge = (_, _) => true },
        ["heartbeats do not wait"] = new() { HeartbeatWaits = false },
        ["own heartbeats pass over running transactions"] = new() { OwnHeartbeatsKnowRunning = false },
        ["key changes are not logged"] = new() { LogsKeyChanges = false },
        ["an applied key change is no delete"] = new() { KeyChangesAreDeletes = false },
        ["keys are made contested while none is said to be"] = new() { RevokesBeforeDeciding = false },
        ["rows are as old as the rewrite of their table"] = new() { Rewrites = true, Rewritten = (rewrite, _) => rewrite },
        ["erased versions are not told apart"] = new()
        {
            Rewrites = true,
            Rewritten = (rewrite, _) => new Stamp(Stamp.Unknown, rewrite.Node),
        },
        ["incomplete images count as complete"] = new() { Decide = (state, next) => KeyRules.Decide(WithoutIncomplete(state), next) },
    };

    private static SimulatedRules Without(SendReasons reason) =>
        new()
        {
            Decide = (state, next) =>
                KeyRules.Decide(state, next) is not { } outcome || (outcome.Reasons & ~(reason | SendReasons.Unsent)) != 0
                    ? KeyRules.Decide(state, next)
                    : outcome with
                    {
                        Contested = outcome.Contested with { IsUnsent = false },
                        Reasons = SendReasons.None,
                    },
        };

    private static KeyState WithoutIncomplete(KeyState state) =>
        state with
        {
            Row = Complete(state.Row),
            Overwrites = [.. state.Overwrites.Select(entry => entry with { Old = Complete(entry.Old), New = Complete(entry.New) })],
            Winners = [.. state.Winners.Select(version => Complete(version)!)],
        };

    private static RowVersion? Complete(RowVersion? version) => version is null ? null : version with { IsIncomplete = false };
}
