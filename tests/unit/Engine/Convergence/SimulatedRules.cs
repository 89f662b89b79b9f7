using Traktor.Engine.Convergence;
using Traktor.Engine.Heartbeats;

namespace Traktor.UnitTests.Engine.Convergence;

/// <summary>The engine's rules, each of which a test can bend to see that the simulation notices.</summary>
internal sealed record SimulatedRules
{
    public Func<KeyState, long, KeyOutcome?> Decide { get; init; } = KeyRules.Decide;

    public Func<Hit, bool> IsJournaled { get; init; } = HitRules.IsJournaled;

    public Func<HeartbeatLog, ulong?> Horizon { get; init; } = log => log.Horizon();

    public Func<HeartbeatLog, RegisterEntry, bool> MayForget { get; init; } = (log, entry) => log.HasBeenHeardOf(entry.Touched);

    /// <summary>Whether a row is only brought to the version over the row that was decided over.</summary>
    public Func<RegisterEntry, RowVersion?, bool> MayWrite { get; init; } = (entry, row) => entry.MayWriteOver(row?.Stamp);

    /// <summary>Whether the application's key changes are noted.</summary>
    public bool NotesKeyChanges { get; init; } = true;

    /// <summary>Whether a dead arbiter vouches for nothing; otherwise its register passes for empty.</summary>
    public bool DeadArbiterVouchesForNothing { get; init; } = true;

    /// <summary>Whether a verdict is sent only when the row is brought to it.</summary>
    public bool TellsAfterWriting { get; init; } = true;

    /// <summary>Whether a heartbeat waits until what had arrived before its vector was read is digested.</summary>
    public bool HeartbeatWaits { get; init; } = true;

    /// <summary>Whether the oldest running transaction stands for the own heartbeats, not the newest.</summary>
    public bool OwnHeartbeatsKnowRunning { get; init; } = true;
}
