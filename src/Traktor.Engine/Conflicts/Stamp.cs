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

    /// <summary>
    /// The timestamp of a version whose own the server no longer keeps: before all that it keeps.
    /// </summary>
    public static DateTimeOffset Unknown => DateTimeOffset.UnixEpoch;

    /// <summary><see cref="Unknown"/>, in SQL.</summary>
    public const string UnknownSql = "'epoch'::timestamptz";

    /// <summary>
    /// From this time on timestamps are those of commits, in SQL. Before it are <see cref="Unknown"/>, and those of
    /// versions whose own was erased when their table was rewritten (<c>trktr.stamped_at</c>).
    /// </summary>
    public const string LeastKnownSql = "'1970-01-02 00:00:00+00'::timestamptz";

    /// <summary>Whether it is known when the version was committed.</summary>
    public bool IsKnown => Committed >= Unknown.AddDays(1);

    public static bool operator <(Stamp left, Stamp right) => left.CompareTo(right) < 0;

    public static bool operator >(Stamp left, Stamp right) => left.CompareTo(right) > 0;

    public static bool operator <=(Stamp left, Stamp right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Stamp left, Stamp right) => left.CompareTo(right) >= 0;

    /// <summary>Later is greater; at the same microsecond the greater NodeID is greater.</summary>
    public int CompareTo(Stamp other) => Committed.CompareTo(other.Committed) is var byTime and not 0 ? byTime : Node.CompareTo(other.Node);

    /// <summary>The stamp in sentences: <c>2026-11-23 09:00:00.000001Z on node 1</c>.</summary>
    public override string ToString() =>
        IsKnown
            ? string.Create(CultureInfo.InvariantCulture, $"{Committed:yyyy-MM-dd HH:mm:ss.ffffff}Z on node {Node}")
            : string.Create(CultureInfo.InvariantCulture, $"an unknown time on node {Node}");
}
