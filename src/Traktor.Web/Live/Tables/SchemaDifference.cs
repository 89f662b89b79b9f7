using Traktor.Engine.Replicasets;

namespace Traktor.Web.Live.Tables;

/// <summary>Tells how a table of one node differs from that of another. The order of columns does not matter to replication.</summary>
public static class SchemaDifference
{
    /// <summary>The first difference in a sentence about <paramref name="other"/>; null when rows of each fit the other.</summary>
    public static string? Of(CatalogTable model, CatalogTable other)
    {
        var theirs = other.Columns.ToDictionary(column => column.Name);
        foreach (var column in model.Columns)
        {
            if (!theirs.Remove(column.Name, out var there))
                return $"Column {column.Name} {column.FullType} does not exist there.";
            if (there.FullType != column.FullType)
                return $"Column {column.Name} is {there.FullType} there, and {column.FullType} elsewhere.";
            if (there.Generated != column.Generated)
                return $"Column {column.Name} is {(there.Generated ? "generated" : "plain")} there, and not so elsewhere.";
        }

        if (theirs.Count > 0)
            return $"Column {theirs.Keys.First()} exists only there.";
        return model.Key.SequenceEqual(other.Key)
            ? null
            : $"Rows are identified by ({string.Join(", ", other.Key)}) there, and by ({string.Join(", ", model.Key)}) elsewhere.";
    }
}
