using Traktor.Engine.Replicasets;

namespace Traktor.Web.Live.Tables;

/// <summary>Finds tables in a catalog by a search text.</summary>
public static class CatalogFilter
{
    /// <summary>
    /// The tables whose names contain every word of <paramref name="search"/>, in any case; only those that can still
    /// be added when <paramref name="isOpen"/>.
    /// </summary>
    public static IReadOnlyList<CatalogTable> Of(IEnumerable<CatalogTable> tables, string search, bool isOpen)
    {
        var words = search.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return
        [
            .. tables.Where(table =>
                (!isOpen || table.Status is null) && words.All(word => table.Relation.Contains(word, StringComparison.OrdinalIgnoreCase))
            ),
        ];
    }
}
