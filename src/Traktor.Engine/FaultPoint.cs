using System.Diagnostics;
using System.Globalization;

namespace Traktor.Engine;

/// <summary>
/// Places between two steps of a heal, or of convergence, where a test can have the arbiter killed, as if somebody had
/// pulled the plug: <c>TRAKTOR_FAULT_POINT=name</c>, or
/// <c>name:n</c> for the n-th time that it is reached. Does nothing when the variable is absent.
/// </summary>
internal static class FaultPoint
{
    public const string Variable = "TRAKTOR_FAULT_POINT";

    /// <summary>The subscription is disabled and the heal noted; nothing was read.</summary>
    public const string Disabled = "disabled";

    /// <summary>The local session holds the subscription's replication origin.</summary>
    public const string OriginHeld = "origin-held";

    /// <summary>The first transactions were read.</summary>
    public const string Read = "read";

    /// <summary>A transaction is open and a part of its rows is written.</summary>
    public const string RowsWritten = "rows-written";

    /// <summary>All rows and the progress are in the open transaction; it is not committed.</summary>
    public const string BeforeCommit = "before-commit";

    /// <summary>Transactions were committed; nobody was told.</summary>
    public const string Committed = "committed";

    /// <summary>The peer was told how far is applied and on disk here.</summary>
    public const string Confirmed = "confirmed";

    /// <summary>What waits for a hand was found and rolled back; it is not recorded.</summary>
    public const string PendingFound = "pending-found";

    /// <summary>What waits for a hand is recorded; the subscription is not marked as waiting.</summary>
    public const string PendingRecorded = "pending-recorded";

    /// <summary>The origin is released; the subscription is still disabled.</summary>
    public const string OriginReleased = "origin-released";

    /// <summary>The subscription is enabled again.</summary>
    public const string Enabled = "enabled";

    /// <summary>A merged row is pending; it is not written.</summary>
    public const string MergePending = "merge-pending";

    /// <summary>Convergence decided and remembered keys; their rows are not brought to it.</summary>
    public const string KeysDecided = "keys-decided";

    /// <summary>Convergence wrote rows; the peers were not told of them.</summary>
    public const string RowsRestored = "rows-restored";

    /// <summary>Convergence told the peers; the winners that it looked at are still there.</summary>
    public const string KeysAnnounced = "keys-announced";

    private static readonly (string Name, int Count)? Armed = Parse(Environment.GetEnvironmentVariable(Variable));
    private static int reached;

    /// <summary>The how-manieth time that a point is reached is the last; null when it is not armed.</summary>
    public static int? CountOf(string name) => Armed is { } armed && armed.Name == name ? armed.Count : null;

    /// <summary>Kills this process when the point is armed and its turn has come.</summary>
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
            _ => throw new FormatException($"{Variable} is '{text}'; it is a name, or a name, a colon and a number."),
        };
}
