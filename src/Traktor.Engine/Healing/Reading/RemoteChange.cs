namespace Traktor.Engine.Healing.Reading;

/// <summary>What a remote change does.</summary>
internal enum ChangeKind
{
    Insert,
    Update,
    Delete,
    Truncate,
}

/// <summary>A change of a remote transaction.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Ordinal">Its number in the transaction, from 1. All changes that the peer sends are counted.</param>
internal abstract record RemoteChange(ChangeKind Kind, int Ordinal);

/// <summary>A change of one row. Values are PostgreSQL's text forms, in the order of the relation's columns.</summary>
/// <param name="Kind">Insert, update or delete.</param>
/// <param name="Ordinal">Its number in the transaction, from 1.</param>
/// <param name="Relation">The table.</param>
/// <param name="Old">The old key (other columns are null) or the whole old row; null when the peer sends neither
/// because the key did not change.</param>
/// <param name="New">The new row; null for a delete. A value that is <see cref="Unchanged"/> (by reference) was not
/// sent.</param>
internal sealed record RowChange(ChangeKind Kind, int Ordinal, RemoteRelation Relation, string?[]? Old, string?[]? New)
    : RemoteChange(Kind, Ordinal)
{
    /// <summary>Stands for a TOASTed value that the update did not change. Compare by reference.</summary>
    public static readonly string Unchanged = new("unchanged");

    public static bool IsUnchanged(string? value) => ReferenceEquals(value, Unchanged);
}

/// <summary>A TRUNCATE of one or more tables.</summary>
/// <param name="Ordinal">Its number in the transaction, from 1.</param>
/// <param name="Relations">The tables.</param>
/// <param name="RestartsIdentity">Whether it was RESTART IDENTITY.</param>
internal sealed record Truncation(int Ordinal, IReadOnlyList<RemoteRelation> Relations, bool RestartsIdentity)
    : RemoteChange(ChangeKind.Truncate, Ordinal);
