using Traktor.Engine.Conflicts;

namespace Traktor.Engine.Convergence.Rules;

/// <summary>
/// A version of a row, or its absence from some transaction on. Versions are totally ordered, the same on every node:
/// by stamp; with equal stamps a row is less than a tombstone (a transaction that deleted a key and inserted it again),
/// and an incomplete image is less than a complete one.
/// </summary>
/// <param name="Stamp">When and where it was committed.</param>
/// <param name="Image">The row as <c>row_to_json</c> writes it; null for a tombstone.</param>
/// <param name="IsIncomplete">Whether the image may be one that no node wrote. A publisher does not send a TOASTed
/// value that an update leaves unchanged
/// (<see href="https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html"/>), and the subscriber
/// fills it in from the row that it has. The node that wrote a version has it complete.</param>
public sealed record RowVersion(Stamp Stamp, string? Image, bool IsIncomplete = false) : IComparable<RowVersion>
{
    /// <summary>Whether the version is a deletion.</summary>
    public bool IsTombstone => Image is null;

    public static bool operator <(RowVersion? left, RowVersion? right) => Compare(left, right) < 0;

    public static bool operator >(RowVersion? left, RowVersion? right) => Compare(left, right) > 0;

    public static bool operator <=(RowVersion? left, RowVersion? right) => Compare(left, right) <= 0;

    public static bool operator >=(RowVersion? left, RowVersion? right) => Compare(left, right) >= 0;

    /// <summary>The greater version; null is less than any version.</summary>
    public static RowVersion? Greater(RowVersion? left, RowVersion? right) => Compare(left, right) >= 0 ? left : right;

    /// <summary>
    /// The deletion of this version by a node that had it, at an unknown time after another. It is less than every
    /// version later than the actual deletion, so that it never wins wrongly. Two transactions that write the same row
    /// never commit within one microsecond.
    /// </summary>
    /// <param name="after">The earlier time, by the clock of the node that deleted it, and that node.</param>
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

        // Of two incomplete images all nodes must prefer the same one, in case no node has the row complete any more.
        // Complete images are equal whatever the order of their columns.
        return IsIncomplete ? string.CompareOrdinal(Image, other.Image) : 0;
    }

    /// <summary>Whether both are the same version, whether complete or not.</summary>
    public bool IsSameVersion(RowVersion other) => Stamp == other.Stamp && IsTombstone == other.IsTombstone;

    private static int Compare(RowVersion? left, RowVersion? right) => left is null ? (right is null ? 0 : -1) : left.CompareTo(right);
}
