using Traktor.Engine.Replicasets;

namespace Traktor.Web.Live.Tables;

/// <summary>Compares a table on two nodes. The order of columns does not matter to replication.</summary>
public static class SchemaDifference
{
    /// <summary>The first difference as a sentence about <paramref name="other"/>; null when there is none.</summary>
    public static string? Of(CatalogTable model, CatalogTable other)
    {
        var theirs = other.Columns.ToDictionary(column => column.Name);
        foreach (var column in model.Columns)
        {
            if (!theirs.Remove(column.Name, out var there))
                return $"Column {column.Name} {column.FullType} is missing.";
            if (there.FullType != column.FullType)
                return $"Column {column.Name} is {there.FullType}; on other nodes it is {column.FullType}.";
            if (there.Generated != column.Generated)
                return there.Generated
                    ? $"Column {column.Name} is generated; on other nodes it is not."
                    : $"Column {column.Name} is not generated; on other nodes it is.";
        }

        if (theirs.Count > 0)
            return $"Column {theirs.Keys.First()} does not exist on other nodes.";
        return model.Key.SequenceEqual(other.Key)
            ? null
            : $"The key is ({string.Join(", ", other.Key)}); on other nodes it is ({string.Join(", ", model.Key)}).";
    }
}
