using Traktor.Engine.Convergence;

namespace Traktor.UnitTests.Engine.Convergence;

/// <summary>The rules with one of them switched off, each.</summary>
internal static class BentRules
{
    public static readonly IReadOnlyDictionary<string, SimulatedRules> All = new Dictionary<string, SimulatedRules>(StringComparer.Ordinal)
    {
        ["nothing is noted"] = new() { IsJournaled = _ => false },
        ["contested keys are not looked up"] = new() { IsJournaled = hit => HitRules.IsJournaled(hit with { IsContested = false }) },
        ["a node's own delete of what was noted is not"] = new() { IsJournaled = hit => HitRules.IsJournaled(hit with { IsQuiet = true }) },
        ["only the first change of a transaction is noted"] = new()
        {
            IsJournaled = hit => !hit.IsOwnTransaction && HitRules.IsJournaled(hit),
        },
        ["everything passes for stable"] = new() { Horizon = _ => ulong.MaxValue },
        ["no verdict for a hit"] = Without(SendReasons.Hit),
        ["no reply"] = Without(SendReasons.Reply),
        ["no announcement"] = Without(SendReasons.Announcement),
        ["told before the row is written"] = new() { TellsAfterWriting = false },
        ["written over whatever is there"] = new() { MayWrite = (entry, _) => entry.IsWritable },
        ["forgotten at once"] = new() { MayForget = (_, _) => true },
        ["heartbeats do not wait"] = new() { HeartbeatWaits = false },
        ["own heartbeats pass over running transactions"] = new() { OwnHeartbeatsKnowRunning = false },
        ["key changes are not noted"] = new() { NotesKeyChanges = false },
        ["mixtures pass for complete"] = new() { Decide = (state, next) => KeyRules.Decide(WithoutMixtures(state), next) },
    };

    private static SimulatedRules Without(SendReasons reason) =>
        new()
        {
            Decide = (state, next) =>
                KeyRules.Decide(state, next) is not { } outcome || (outcome.Reasons & ~(reason | SendReasons.Owed)) != 0
                    ? KeyRules.Decide(state, next)
                    : outcome with
                    {
                        Register = outcome.Register with { IsOwed = false },
                        Reasons = SendReasons.None,
                    },
        };

    private static KeyState WithoutMixtures(KeyState state) =>
        state with
        {
            Row = Complete(state.Row),
            Journal = [.. state.Journal.Select(entry => entry with { Old = Complete(entry.Old), New = Complete(entry.New) })],
            Verdicts = [.. state.Verdicts.Select(version => Complete(version)!)],
        };

    private static RowVersion? Complete(RowVersion? version) => version is null ? null : version with { IsPartial = false };
}
