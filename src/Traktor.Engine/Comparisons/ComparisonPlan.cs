using Traktor.Engine.Comparisons.Hashing;

namespace Traktor.Engine.Comparisons;

/// <summary>How a table is compared, decided from its shape on each node.</summary>
/// <param name="Columns">The columns that all nodes have, and how they are hashed.</param>
/// <param name="Key">The columns of the key in their order.</param>
/// <param name="IsOrdered">Whether the nodes order the keys alike, so that ranges of keys can be compared; else the
/// table is grouped by hashes of the keys.</param>
/// <param name="LeftOut">Columns that only some nodes have.</param>
/// <param name="Rows">How many rows the table has, estimated.</param>
/// <param name="Bytes">Its size, in bytes.</param>
public sealed record ComparisonPlan(
    IReadOnlyList<HashedColumn> Columns,
    IReadOnlyList<string> Key,
    bool IsOrdered,
    IReadOnlyList<string> LeftOut,
    long Rows,
    long Bytes
)
{
    /// <summary>Makes the plan.</summary>
    /// <exception cref="RefusedException">Conflict: the keys differ, or the servers hash differently.</exception>
    public static ComparisonPlan Of(IReadOnlyList<TableShape> shapes)
    {
        var first = shapes[0];
        foreach (var other in shapes.Skip(1))
        {
            if (other.HashCheck != first.HashCheck)
                throw RefusedException.Conflict(
                    $"The servers of node {first.Node} and node {other.Node} compute different hashes of the same row, so that their rows "
                        + $"cannot be compared."
                );
            if (!other.Key.Select(key => key.Name).SequenceEqual(first.Key.Select(key => key.Name)))
                throw RefusedException.Conflict(
                    $"The key of {first.Relation} differs: ({Names(first)}) on node {first.Node}, ({Names(other)}) on node {other.Node}.",
                    "Give the table the same replica identity on all nodes."
                );
        }

        var common = first.Columns.Where(column => shapes.All(shape => Find(shape, column.Name) is not null)).ToList();
        return new ComparisonPlan(
            [
                .. common
                    .OrderBy(column => column.Name, StringComparer.Ordinal)
                    .Select(column => new HashedColumn(column.Name, Form(column))),
            ],
            [.. first.Key.Select(key => key.Name)],
            Enumerable
                .Range(0, first.Key.Count)
                .All(i => first.Key[i].Order is { } order && shapes.All(shape => shape.Key[i].Order == order)),
            [
                .. shapes
                    .SelectMany(shape => shape.Columns.Select(column => column.Name))
                    .Distinct()
                    .Where(name => common.All(column => column.Name != name))
                    .Order(StringComparer.Ordinal),
            ],
            shapes.Max(shape => shape.Rows),
            shapes.Max(shape => shape.Bytes)
        );

        ColumnForm Form(ShapeColumn column) => shapes.All(shape => Find(shape, column.Name) == column) ? column.Form : ColumnForm.Text;
    }

    private static ShapeColumn? Find(TableShape shape, string name) => shape.Columns.FirstOrDefault(column => column.Name == name);

    private static string Names(TableShape shape) => string.Join(", ", shape.Key.Select(key => key.Name));
}
