using Traktor.Engine.Conflicts;
using Traktor.Engine.Healing.Reading;

namespace Traktor.Engine.Healing.Rows;

/// <summary>What rows must have in common for the same statements to apply them.</summary>
/// <param name="relation">The table.</param>
/// <param name="kind">Insert, update or delete.</param>
/// <param name="present">The peer's columns whose values were sent, ascending; none for a delete.</param>
/// <param name="hasOldKey">Whether the row is found by a key that differs from the new row's.</param>
internal sealed class RowShape(MappedRelation relation, ChangeKind kind, int[] present, bool hasOldKey) : IEquatable<RowShape>
{
    public MappedRelation Relation { get; } = relation;

    public ChangeKind Kind { get; } = kind;

    public IReadOnlyList<int> Present => present;

    public bool HasOldKey { get; } = hasOldKey;

    /// <summary>Whether the change removes the row of its key: it deletes the row or changes the key.</summary>
    public bool TakesRowAway => Kind == ChangeKind.Delete || (Kind == ChangeKind.Update && HasOldKey);

    /// <summary>
    /// The conflict types of an update or delete: one for a row that another node changed later, one for a missing row.
    /// </summary>
    public (ConflictType Differs, ConflictType Missing) TypesOfOverwrite =>
        Kind == ChangeKind.Update
            ? (ConflictType.UpdateOriginDiffers, ConflictType.UpdateMissing)
            : (ConflictType.DeleteOriginDiffers, ConflictType.DeleteMissing);

    /// <summary>Names of the peer's columns that were not sent because the update did not change them.</summary>
    public IReadOnlyList<string> Absent { get; } =
        kind == ChangeKind.Update
            ? [.. Enumerable.Range(0, relation.Columns.Count).Except(present).Select(column => relation.Columns[column].Name)]
            : [];

    /// <summary>The shape of a change.</summary>
    public static RowShape Of(MappedRelation relation, RowChange change)
    {
        if (change.New is not { } row)
            return new RowShape(relation, change.Kind, [], hasOldKey: true);
        var present = Enumerable.Range(0, row.Length).Where(i => !RowChange.IsUnchanged(row[i])).ToArray();
        var hasOldKey = change.Old is { } old && relation.Key.Any(i => RowChange.IsUnchanged(row[i]) || old[i] != row[i]);
        return new RowShape(relation, change.Kind, present, hasOldKey);
    }

    /// <summary>The values by which the row is found.</summary>
    public IEnumerable<string?> KeyOf(RowChange change) => Relation.Key.Select(i => HasOldKey ? change.Old![i] : change.New![i]);

    public bool Equals(RowShape? other) =>
        other is not null
        && ReferenceEquals(Relation, other.Relation)
        && Kind == other.Kind
        && HasOldKey == other.HasOldKey
        && Present.SequenceEqual(other.Present);

    public override bool Equals(object? obj) => Equals(obj as RowShape);

    public override int GetHashCode() => HashCode.Combine(Relation, Kind, HasOldKey, Present.Count);
}
