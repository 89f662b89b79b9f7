using System.Globalization;

namespace Traktor.Engine.Conflicts;

/// <summary>
/// When and where a version of a row was committed. The same on every node that has that version, because the remote
/// commit timestamp is applied with it (<c>pg_xact_commit_timestamp_origin</c>). Totally ordered: by timestamp, then by
/// NodeID, as SQL orders the row <c>(timestamp, node)</c>.
/// </summary>
public readonly record struct Stamp : IComparable<Stamp>
{
    private const long TicksPerMicrosecond = TimeSpan.TicksPerMicrosecond;

    /// <param name="committed">Commit timestamp, truncated to PostgreSQL's microseconds, so that it survives being
    /// stored and read back.</param>
    /// <param name="node">NodeID of the node that committed it first.</param>
    public Stamp(DateTimeOffset committed, int node)
    {
        var utc = committed.UtcTicks;
        Committed = new DateTimeOffset(utc - (utc % TicksPerMicrosecond), TimeSpan.Zero);
        Node = node;
    }

    /// <summary>Commit timestamp in UTC, to the microsecond.</summary>
    public DateTimeOffset Committed { get; }

    /// <summary>NodeID of the node that committed it first.</summary>
    public int Node { get; }

    public static bool operator <(Stamp left, Stamp right) => left.CompareTo(right) < 0;

    public static bool operator >(Stamp left, Stamp right) => left.CompareTo(right) > 0;

    public static bool operator <=(Stamp left, Stamp right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Stamp left, Stamp right) => left.CompareTo(right) >= 0;

    /// <summary>Later is greater; at the same microsecond the greater NodeID is greater.</summary>
    public int CompareTo(Stamp other) => Committed.CompareTo(other.Committed) is var byTime and not 0 ? byTime : Node.CompareTo(other.Node);

    /// <summary>The stamp in sentences: <c>2026-11-23 09:00:00.000001Z on node 1</c>.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Committed:yyyy-MM-dd HH:mm:ss.ffffff}Z on node {Node}");
}
