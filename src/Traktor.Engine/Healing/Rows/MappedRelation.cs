using Npgsql;
using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Postgres;
using Traktor.Engine.Targets;

namespace Traktor.Engine.Healing.Rows;

/// <summary>
/// A peer's table mapped to the local table. Columns match by name, in any order; columns that only the local table has
/// are left alone.
/// </summary>
internal sealed class MappedRelation
{
    private MappedRelation(RemoteRelation relation, TargetTable target, TargetColumn[] columns, int[] key)
    {
        Relation = relation;
        Target = target;
        Columns = columns;
        Key = key;
    }

    public RemoteRelation Relation { get; }

    public TargetTable Target { get; }

    /// <summary>The local column for each of the peer's columns.</summary>
    public IReadOnlyList<TargetColumn> Columns { get; }

    /// <summary>The peer's columns by which a row is found, in the order of the identity index.</summary>
    public IReadOnlyList<int> Key { get; }

    /// <summary>SQL for the key of an image, as <c>trktr.key_of</c> writes it.</summary>
    public string KeyOf(string image)
    {
        var names = Key.Select(column => Quote.Literal(Columns[column].Name));
        return $"jsonb_build_object({string.Join(", ", names.Select(name => $"{name}, {image} ->> {name}"))})::text";
    }

    /// <exception cref="TableFault">A column is missing, or rows cannot be found by the values that the peer
    /// sends.</exception>
    public static MappedRelation Of(RemoteRelation relation, TargetTable target)
    {
        var here = target.Columns.Where(column => !column.IsGenerated).ToDictionary(column => column.Name, StringComparer.Ordinal);
        var missing = relation.Columns.Where(column => !here.ContainsKey(column.Name)).Select(column => column.Name).ToList();
        if (missing.Count > 0)
            throw new TableFault(
                PostgresErrorCodes.ObjectNotInPrerequisiteState,
                relation.Table,
                $"Table {relation.Table} on this node lacks the column{(missing.Count == 1 ? "" : "s")} {string.Join(", ", missing)}, "
                    + $"or {(missing.Count == 1 ? "it is" : "they are")} generated.",
                $"Add {string.Join(", ", missing)} to {relation.Table} on this node. Replication then resumes."
            );
        if (target.Identity is not { } identity)
            throw NoKey(relation, target, "the table on this node has neither a primary key nor a replica identity index");

        var names = target.Columns.ToDictionary(column => Quote.Identifier(column.Name), column => column.Name, StringComparer.Ordinal);
        var positions = relation
            .Columns.Select((column, i) => (column.Name, i))
            .ToDictionary(pair => pair.Name, pair => pair.i, StringComparer.Ordinal);
        var key = new List<int>();
        foreach (var part in identity.Parts)
        {
            // The server quotes a name in an index definition only where it must.
            var name = names.GetValueOrDefault(part.Expression) ?? part.Expression;
            if (!positions.TryGetValue(name, out var position) || !relation.Columns[position].IsKey)
                throw NoKey(relation, target, $"this node finds them by {name}, which is not part of the peer's key");
            key.Add(position);
        }

        return new MappedRelation(relation, target, [.. relation.Columns.Select(column => here[column.Name])], [.. key]);
    }

    private static TableFault NoKey(RemoteRelation relation, TargetTable target, string why)
    {
        var key = relation.Columns.Where(column => column.IsKey).Select(column => column.Name).ToList();
        // What the peer has sent already names its rows by its key, whatever is changed there now.
        var same = target.Uniques.FirstOrDefault(unique =>
            unique is { Condition: null, Partition: null }
            && unique
                .Parts.Select(part => part.Expression)
                .ToHashSet(StringComparer.Ordinal)
                .SetEquals(key.Select(name => unique.Parts.Any(part => part.Expression == name) ? name : Quote.Identifier(name)))
        );
        var change = same is null
            ? $"create a unique index on ({string.Join(", ", key.Select(Quote.Identifier))}) and make it the replica identity here"
            : $"ALTER TABLE {target.Table.Quoted} REPLICA IDENTITY USING INDEX {Quote.Identifier(same.Name)};";
        return new TableFault(
            PostgresErrorCodes.ObjectNotInPrerequisiteState,
            relation.Table,
            $"Rows of {relation.Table} cannot be found: {why}. The peer's replica identity is ({string.Join(", ", key)}).",
            $"Give {relation.Table} the same replica identity on both nodes. To apply what the peer has sent: {change}"
        );
    }
}
