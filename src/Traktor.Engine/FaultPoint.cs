using System.Diagnostics;
using System.Globalization;

namespace Traktor.Engine;

/// <summary>
/// Places between two steps of a heal, of convergence, of a comparison, of a join, or of making and dropping a
/// subscription, where a test can kill the arbiter: <c>TRAKTOR_FAULT_POINT=name</c>, or <c>name:n</c> for the n-th time
/// that the place is reached. Does nothing without the variable.
/// </summary>
internal static class FaultPoint
{
    public const string Variable = "TRAKTOR_FAULT_POINT";

    /// <summary>The subscription is disabled and the heal is recorded; nothing has been read.</summary>
    public const string Disabled = "disabled";

    /// <summary>The local session holds the subscription's replication origin.</summary>
    public const string OriginHeld = "origin-held";

    /// <summary>The first transactions have been read.</summary>
    public const string Read = "read";

    /// <summary>A transaction is open and some of its rows are written.</summary>
    public const string RowsWritten = "rows-written";

    /// <summary>All rows and the progress are in the open transaction; it is not committed.</summary>
    public const string BeforeCommit = "before-commit";

    /// <summary>Transactions were committed; nothing was confirmed.</summary>
    public const string Committed = "committed";

    /// <summary>The position that is applied and on disk was confirmed to the peer.</summary>
    public const string Confirmed = "confirmed";

    /// <summary>Conflicts that need a decision were found and rolled back; they are not recorded.</summary>
    public const string PendingFound = "pending-found";

    /// <summary>Conflicts that need a decision are recorded; the subscription is not marked as waiting.</summary>
    public const string PendingRecorded = "pending-recorded";

    /// <summary>The origin is released; the subscription is still disabled.</summary>
    public const string OriginReleased = "origin-released";

    /// <summary>The subscription is enabled again.</summary>
    public const string Enabled = "enabled";

    /// <summary>A merged row is pending; it is not written.</summary>
    public const string MergePending = "merge-pending";

    /// <summary>Decisions on contested keys are stored; the rows are not written.</summary>
    public const string KeysDecided = "keys-decided";

    /// <summary>Rows are written; the winners are not announced.</summary>
    public const string RowsRestored = "rows-restored";

    /// <summary>The winners are announced; the processed winners are not deleted.</summary>
    public const string KeysAnnounced = "keys-announced";

    /// <summary>The slot on the peer is recorded as one that may be left there; the peer knows nothing of it.</summary>
    public const string SlotRemembered = "slot-remembered";

    /// <summary>The peer has noted whose the slot will be; there is none yet.</summary>
    public const string SlotClaimed = "slot-claimed";

    /// <summary>The slot exists; no subscription uses it.</summary>
    public const string SlotCreated = "slot-created";

    /// <summary>The slot on the peer is dropped; it is still recorded here.</summary>
    public const string SlotReleased = "slot-released";

    /// <summary>A range of a table was compared, and is on record.</summary>
    public const string RangeCompared = "range-compared";

    /// <summary>The joining node's slots on all nodes but the source exist, and all nodes receive from it.</summary>
    public const string JoinPrepared = "join-prepared";

    /// <summary>The source has disabled its subscriptions, so that its snapshot can be exported.</summary>
    public const string SourcePaused = "source-paused";

    /// <summary>The source has exported its snapshot; its subscriptions are still disabled.</summary>
    public const string SnapshotExported = "snapshot-exported";

    /// <summary>The joining node knows the snapshot and what is to be copied; nothing is copied.</summary>
    public const string SnapshotTaken = "snapshot-taken";

    /// <summary>A range of pages was copied, and is on record.</summary>
    public const string RangeCopied = "range-copied";

    /// <summary>Everything is copied, and the tables of the joining node are open.</summary>
    public const string JoinOpened = "join-opened";

    /// <summary>The joining node's subscriptions will begin where the copy ends; they are still paused.</summary>
    public const string JoinAdvanced = "join-advanced";

    /// <summary>The first of them is resumed.</summary>
    public const string JoinResumed = "join-resumed";

    private static readonly (string Name, int Count)? Armed = Parse(Environment.GetEnvironmentVariable(Variable));
    private static int reached;

    /// <summary>The number of the call that kills; null when the point is not armed.</summary>
    public static int? CountOf(string name) => Armed is { } armed && armed.Name == name ? armed.Count : null;

    /// <summary>Kills this process if the point is armed and this is the call.</summary>
    public static void Reach(string name)
    {
        if (Armed is { } armed && armed.Name == name && Interlocked.Increment(ref reached) == armed.Count)
            Kill();
    }

    /// <summary>Kills this process as <c>kill -9</c> does.</summary>
    public static void Kill()
    {
        using var self = Process.GetCurrentProcess();
        self.Kill();
        Thread.Sleep(Timeout.Infinite);
    }

    private static (string Name, int Count)? Parse(string? text) =>
        text?.Split(':') switch
        {
            null or [""] => null,
            [var name] => (name, 1),
            [var name, var count] => (name, int.Parse(count, CultureInfo.InvariantCulture)),
            _ => throw new FormatException($"{Variable} must be a name, or a name, a colon and a number, not '{text}'."),
        };
}
