using Traktor.Engine.Conflicts;

namespace Traktor.Engine.Convergence.Rules;

/// <summary>
/// A version of a row, or its absence from some transaction on. Ordered totally, the same on every node: by stamp; of
/// one stamp a row goes before a tombstone (a transaction that deleted a key and inserted it again), and a complete
/// image before a partial one.
/// </summary>
/// <param name="Stamp">When and where it was committed.</param>
/// <param name="Image">The row as <c>row_to_json</c> writes it; null for a tombstone.</param>
/// <param name="IsIncomplete"> Whether the image may be an incomplete image that no node wrote. A publisher does not send a large
/// value that an update leaves alone
/// (<see href="https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html"/>), and the subscriber
/// fills it in from whatever row it has. Its own node has every version complete.
/// </param>
public sealed record RowVersion(Stamp Stamp, string? Image, bool IsIncomplete = false) : IComparable<RowVersion>
{
    /// <summary>Whether it says that the row is gone.</summary>
    public bool IsTombstone => Image is null;

    public static bool operator <(RowVersion? left, RowVersion? right) => Compare(left, right) < 0;

    public static bool operator >(RowVersion? left, RowVersion? right) => Compare(left, right) > 0;

    public static bool operator <=(RowVersion? left, RowVersion? right) => Compare(left, right) <= 0;

    public static bool operator >=(RowVersion? left, RowVersion? right) => Compare(left, right) >= 0;

    /// <summary>The greater; nothing is less than any version.</summary>
    public static RowVersion? Greater(RowVersion? left, RowVersion? right) => Compare(left, right) >= 0 ? left : right;

    /// <summary>
    /// The deletion of this version by somebody who had it, at a moment that is not known but for being after another:
    /// less than any version that is later than the deletion really was, so that it never takes what it must not. Two
    /// transactions that write one row never commit within one microsecond.
    /// </summary>
    /// <param name="after">The moment by the clock of the node that deleted it, and that node.</param>
    public RowVersion DeletedAfter(Stamp after) =>
        new(Stamp.Committed < after.Committed ? after : new Stamp(Stamp.Committed.AddMicroseconds(1), after.Node), null);

    /// <inheritdoc/>
    public int CompareTo(RowVersion? other)
    {
        if (other is null)
            return 1;
        if (ReferenceEquals(this, other))
            return 0;
        if (Stamp.CompareTo(other.Stamp) is var byStamp and not 0)
            return byStamp;
        if (IsTombstone || other.IsTombstone)
            return other.IsTombstone.CompareTo(IsTombstone);
        if (IsIncomplete != other.IsIncomplete)
            return IsIncomplete ? -1 : 1;

        // Of two incomplete images all nodes must prefer the same, in case that nobody has the row complete any more. Complete
        // ones are equal, however their columns are ordered.
        return IsIncomplete ? string.CompareOrdinal(Image, other.Image) : 0;
    }

    /// <summary>Whether both are the same version, complete or not.</summary>
    public bool IsSameVersion(RowVersion other) => Stamp == other.Stamp && IsTombstone == other.IsTombstone;

    private static int Compare(RowVersion? left, RowVersion? right) => left is null ? (right is null ? 0 : -1) : left.CompareTo(right);
}
