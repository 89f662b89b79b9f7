using Traktor.Engine.Conflicts;
using Traktor.Engine.Convergence.Rules;
using Traktor.Engine.Detection;
using Traktor.Engine.Heartbeats;

namespace Traktor.UnitTests.Engine.Convergence;

/// <summary>The engine's rules, each of which a test can bend to see that the simulation notices.</summary>
internal sealed record SimulatedRules
{
    public Func<KeyState, long, KeyOutcome?> Decide { get; init; } = KeyRules.Decide;

    public Func<OverwritingChange, bool> IsLogged { get; init; } = OverwriteRules.IsLogged;

    public Func<HeartbeatLog, ulong?> StableXid { get; init; } = log => log.StableXid();

    public Func<HeartbeatLog, ContestedKey, bool> MayPurge { get; init; } = (log, entry) => log.IsAcknowledged(entry.Touched);

    /// <summary>Whether a row is only brought to the version over the row that was decided over.</summary>
    public Func<ContestedKey, RowVersion?, bool> MayWrite { get; init; } = (entry, row) => entry.MayWriteOver(row?.Stamp);

    /// <summary>Whether the application's key changes are logged.</summary>
    public bool LogsKeyChanges { get; init; } = true;

    /// <summary>Whether an applied change of a key counts as a delete of the old one.</summary>
    public bool KeyChangesAreDeletes { get; init; } = true;

    /// <summary>Whether the arbiter revokes that nothing is contested before it makes a key contested.</summary>
    public bool RevokesBeforeDeciding { get; init; } = true;

    /// <summary>Whether a winner is sent only when the row is brought to it.</summary>
    public bool AnnouncesAfterWriting { get; init; } = true;

    /// <summary>Whether a heartbeat waits until what had arrived before its vector was read is processed.</summary>
    public bool HeartbeatWaits { get; init; } = true;

    /// <summary>Whether tables are rewritten, so that rows lose their stamps; then none has large values.</summary>
    public bool Rewrites { get; init; }

    /// <summary>The stamp of a row that was rewritten by a transaction of this stamp and number.</summary>
    public Func<Stamp, ulong, Stamp> Rewritten { get; init; } =
        (rewrite, xid) => new Stamp(Stamp.Unknown.AddMicroseconds(xid), rewrite.Node);

    /// <summary>Whether the oldest running transaction stands for the own heartbeats, not the newest.</summary>
    public bool OwnHeartbeatsKnowRunning { get; init; } = true;
}
