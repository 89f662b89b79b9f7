using Traktor.Engine.Postgres;

namespace Traktor.Engine.Healing.Rows;

/// <summary>
/// Names of the values in statements for rows of a shape, in the order of their parameters: the present values
/// <c>c0</c>, <c>c1</c> and following, the old key <c>k0</c> and following, the ordinal <c>ord</c>, and the decision,
/// if included. The transaction's position and commit timestamp follow.
/// </summary>
/// <param name="Shape">What the rows have in common.</param>
/// <param name="IsDecided">Whether a decision is included.</param>
internal sealed record RowNames(RowShape Shape, bool IsDecided)
{
    /// <summary>The names, each with its type.</summary>
    public IReadOnlyList<(string Name, string Type)> Values { get; } = Make(Shape, IsDecided);

    /// <summary>The parameter with the transaction's position.</summary>
    public string Lsn => $"${Values.Count + 1}::pg_lsn";

    /// <summary>The parameter with its commit timestamp.</summary>
    public string At => $"${Values.Count + 2}::timestamptz";

    /// <summary>The parameter of a value.</summary>
    public string Parameter(string name) => $"${Values.TakeWhile(value => value.Name != name).Count() + 1}";

    /// <summary>A column of the key, quoted.</summary>
    public string Key(int part) => Quote.Identifier(Shape.Relation.Columns[Shape.Relation.Key[part]].Name);

    /// <summary>The value by which the row is found.</summary>
    public string KeyValue(int part) => Shape.HasOldKey ? $"k{part}" : $"c{PresentAt(Shape.Relation.Key[part])}";

    /// <summary>The present columns, quoted.</summary>
    public string Columns => string.Join(", ", Shape.Present.Select(column => Quote.Identifier(Shape.Relation.Columns[column].Name)));

    /// <summary>
    /// After an insert with this clause each row is either inserted, or the existing row is locked until the end of the
    /// transaction.
    /// </summary>
    public string OnConflictLock =>
        $"on conflict ({string.Join(", ", Shape.Relation.Key.Select((_, i) => Key(i)))}) do update set {Key(0)} = default where false";

    /// <summary>The condition that finds a row <c>t</c>.</summary>
    /// <param name="value">How a value is written.</param>
    public string KeyJoin(Func<string, string> value) =>
        string.Join(" and ", Shape.Relation.Target.Identity!.Parts.Select((part, i) => $"t.{Key(i)} {part.Operator} {value(KeyValue(i))}"));

    /// <summary>
    /// The SET list of an update. GENERATED ALWAYS AS IDENTITY columns cannot be updated, on the peer either.
    /// </summary>
    /// <param name="value">How a value is written.</param>
    public string Assignments(Func<string, string> value) =>
        string.Join(
            ", ",
            Shape
                .Present.Select((column, i) => (Column: Shape.Relation.Columns[column], Value: value($"c{i}")))
                .Where(pair => !pair.Column.IsAlwaysIdentity)
                .Select(pair => $"{Quote.Identifier(pair.Column.Name)} = {pair.Value}")
        );

    private int PresentAt(int column)
    {
        for (var i = 0; i < Shape.Present.Count; i++)
            if (Shape.Present[i] == column)
                return i;
        throw new InvalidOperationException("A key column was not sent.");
    }

    private static List<(string Name, string Type)> Make(RowShape shape, bool isDecided)
    {
        var values = new List<(string Name, string Type)>(
            shape.Present.Select((column, i) => ($"c{i}", shape.Relation.Columns[column].Type))
        );
        if (shape.HasOldKey)
            values.AddRange(shape.Relation.Key.Select((column, i) => ($"k{i}", shape.Relation.Columns[column].Type)));
        values.Add(("ord", "pg_catalog.int4"));
        if (isDecided)
            values.Add(("decision", "pg_catalog.text"));
        return values;
    }
}
