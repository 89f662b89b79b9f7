namespace Traktor.Engine.Targets;

/// <summary>A part of a unique or exclusion constraint.</summary>
/// <param name="Expression">A quoted column or an expression over columns.</param>
/// <param name="Operator">What two rows must not both satisfy, qualified.</param>
internal sealed record UniquePart(string Expression, string Operator);

/// <summary>A unique index or an exclusion constraint.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsIdentity">Whether rows are found by it: the replica identity, else the primary key.</param>
/// <param name="Predicate">The condition of a partial index.</param>
/// <param name="NullsEqual">Whether it is NULLS NOT DISTINCT.</param>
/// <param name="Parts">Its key columns.</param>
/// <param name="Partition">The partition that alone has it, quoted; null when the table has it.</param>
/// <param name="PartitionCondition">The condition for a row to belong there.</param>
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
    /// <summary>The condition for a row to be under it; null when all are.</summary>
    public string? Condition =>
        (Predicate, PartitionCondition) switch
        {
            ({ } predicate, { } partition) => $"({predicate}) and ({partition})",
            var (predicate, partition) => predicate ?? partition,
        };

    /// <summary>SQL: the values that it compares of a row, as <c>e0</c>, <c>e1</c> and so on.</summary>
    public string Expressions => string.Join(", ", Parts.Select((part, i) => $"({part.Expression}) as e{i}"));

    /// <summary>SQL: keeps to the rows that are under it.</summary>
    public string Where => Condition is null ? "" : $" where {Condition}";

    /// <summary>SQL: whether the values of two rows, <c>o</c> and <c>n</c>, may not stand side by side.</summary>
    public string Matches =>
        string.Join(
            " and ",
            Parts.Select(
                (part, i) =>
                    NullsEqual ? $"(o.e{i} {part.Operator} n.e{i} or o.e{i} is null and n.e{i} is null)" : $"o.e{i} {part.Operator} n.e{i}"
            )
        );
}
