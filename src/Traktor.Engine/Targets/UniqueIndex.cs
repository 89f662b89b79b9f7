namespace Traktor.Engine.Targets;

/// <summary>A column of a unique index or an exclusion constraint.</summary>
/// <param name="Expression">A quoted column, or an expression over columns.</param>
/// <param name="Operator">The operator that must not be true for two rows, qualified.</param>
internal sealed record UniquePart(string Expression, string Operator);

/// <summary>A unique index or an exclusion constraint.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsIdentity">Whether rows are found by it: the replica identity index, else the primary key.</param>
/// <param name="Predicate">The condition of a partial index.</param>
/// <param name="NullsEqual">Whether it is NULLS NOT DISTINCT.</param>
/// <param name="Parts">Its key columns.</param>
/// <param name="Partition">The only partition that has it, quoted; null when the table has it.</param>
/// <param name="PartitionCondition">The partition's condition.</param>
internal sealed record UniqueIndex(
    string Name,
    bool IsIdentity,
    string? Predicate,
    bool NullsEqual,
    IReadOnlyList<UniquePart> Parts,
    string? Partition = null,
    string? PartitionCondition = null
)
{
    /// <summary>The condition for a row to be in the index; null when all rows are.</summary>
    public string? Condition =>
        (Predicate, PartitionCondition) switch
        {
            ({ } predicate, { } partition) => $"({predicate}) and ({partition})",
            var (predicate, partition) => predicate ?? partition,
        };

    /// <summary>SQL for the compared values of a row, as <c>e0</c>, <c>e1</c> and so on.</summary>
    public string Expressions => string.Join(", ", Parts.Select((part, i) => $"({part.Expression}) as e{i}"));

    /// <summary>SQL that selects the rows in the index.</summary>
    public string Where => Condition is null ? "" : $" where {Condition}";

    /// <summary>SQL for whether two rows with the values <c>o</c> and <c>n</c> exclude each other.</summary>
    public string Matches =>
        string.Join(
            " and ",
            Parts.Select(
                (part, i) =>
                    NullsEqual ? $"(o.e{i} {part.Operator} n.e{i} or o.e{i} is null and n.e{i} is null)" : $"o.e{i} {part.Operator} n.e{i}"
            )
        );
}
