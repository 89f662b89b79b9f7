using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Publications;

/// <summary>
/// The statements on a publication (<see href="https://www.postgresql.org/docs/current/sql-alterpublication.html"/>).
/// </summary>
public static class PublicationSql
{
    /// <summary>Publishes a table without any of its rows: peers can subscribe to it, and nothing is sent.</summary>
    public static string AddClosed(string publication, TableName table) =>
        $"ALTER PUBLICATION {Quote.Identifier(publication)} ADD TABLE {table.Quoted} WHERE (false)";

    /// <summary>Publishes a table with all its rows from the commit on.</summary>
    public static string AddOpen(string publication, TableName table) =>
        $"ALTER PUBLICATION {Quote.Identifier(publication)} ADD TABLE {table.Quoted}";

    public static string Remove(string publication, TableName table) =>
        $"ALTER PUBLICATION {Quote.Identifier(publication)} DROP TABLE {table.Quoted}";

    /// <summary>Sets what it publishes, and that partitions are published as their table.</summary>
    public static string SetOptions(string publication, string publish) =>
        $"ALTER PUBLICATION {Quote.Identifier(publication)} SET (publish = {Quote.Literal(publish)}, publish_via_partition_root = true)";

    /// <summary>Notifies the peers' arbiters, which listen in this database, of a change.</summary>
    public static string Notify { get; } = $"NOTIFY {Quote.Identifier(ObjectNames.Channel)}";
}
