using Traktor.Engine.Comparisons.Hashing;

namespace Traktor.Engine.Comparisons;

/// <summary>A row as it was read on a node: what it holds, and which write of it.</summary>
/// <param name="Hash">The hash of the compared columns.</param>
/// <param name="Xmin">The local transaction that wrote it.</param>
public sealed record SeenVersion(string Hash, string Xmin);

/// <summary>What is known of a key.</summary>
public enum KeyVerdict
{
    /// <summary>All nodes have the same row, or none.</summary>
    Equal,

    /// <summary>The nodes differ, but changes of the row may be on their way.</summary>
    InFlight,

    /// <summary>The nodes differ, and nothing is on its way that changes it.</summary>
    Different,
}

/// <summary>
/// Whether the rows of a key are equal, decided without a connection. They are read, then everything that any node had
/// written is waited for until every node has applied and processed it, then they are read again. A key that was the
/// same on every node in three such readings, and differs between nodes, is different: a change that was on its way at
/// the first reading had arrived at the second. It takes the third because a row may have arrived and been deleted
/// again between two readings of a node that has no row: that delete has arrived at the third.
/// </summary>
public static class ComparisonRules
{
    /// <summary>How often a key must be found unchanged.</summary>
    public const int Confirmations = 2;

    /// <summary>How many heartbeats after the one that was seen last come after everything that was visible then. The
    /// next one may have been on its way already.</summary>
    public const int Heartbeats = 2;

    /// <summary>What is known after another reading.</summary>
    /// <param name="seen">The versions at the reading before, by node; null for no row.</param>
    /// <param name="now">The versions now.</param>
    /// <param name="confirmed">How often the key was found unchanged in a row before.</param>
    /// <param name="isAwaited">Whether everything that was written before the reading before has been applied
    /// since.</param>
    /// <returns>The verdict, and how often it was found unchanged now.</returns>
    public static (KeyVerdict Verdict, int Confirmed) Judge(
        IReadOnlyDictionary<int, SeenVersion?> seen,
        IReadOnlyDictionary<int, SeenVersion?> now,
        int confirmed,
        bool isAwaited
    )
    {
        if (AreEqual(now))
            return (KeyVerdict.Equal, 0);
        if (now.Any(version => seen.GetValueOrDefault(version.Key) != version.Value))
            return (KeyVerdict.InFlight, 0);
        var times = isAwaited ? confirmed + 1 : confirmed;
        return (times >= Confirmations ? KeyVerdict.Different : KeyVerdict.InFlight, times);
    }

    /// <summary>Whether all nodes have the same row, or none has one.</summary>
    public static bool AreEqual(IReadOnlyDictionary<int, SeenVersion?> versions) =>
        versions.Values.Select(version => version?.Hash).Distinct().Count() <= 1;

    /// <summary>Whether all nodes have the same rows in a range.</summary>
    public static bool AreEqual(IEnumerable<RangeHash> hashes) => hashes.Distinct().Count() <= 1;

    /// <summary>Which heartbeats to wait for, so that everything that was visible has been applied.</summary>
    public static IReadOnlyDictionary<int, long> Wanted(IEnumerable<AppliedPositions> positions) =>
        positions.ToDictionary(position => position.Node, position => position.Sent + Heartbeats);

    /// <summary>
    /// The first node that has not applied and processed what another one had sent, and that one; null when all have.
    /// </summary>
    public static (int Node, int Sender)? Behind(IReadOnlyDictionary<int, long> wanted, IEnumerable<AppliedPositions> positions)
    {
        foreach (var position in positions)
        foreach (var sender in position.ReceivesFrom)
            if (wanted.TryGetValue(sender, out var seq) && !(position.Applied.GetValueOrDefault(sender, -1) >= seq))
                return (position.Node, sender);
        return null;
    }
}
