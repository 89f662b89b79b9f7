using System.Globalization;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Marks;

/// <summary>
/// The triggers that mark a node's own transactions, and those that drop forwarded rows
/// (<see href="https://www.postgresql.org/docs/current/sql-createtrigger.html"/>). Each statement can be repeated.
/// </summary>
public static class MarkSql
{
    /// <summary>
    /// Marks every transaction that writes the table. On a partitioned table it is a row trigger, which the server adds
    /// to every partition, including later ones: partitions can be written directly, which a statement trigger on the
    /// root does not see. TRUNCATE of Traktor's own tables is never replicated.
    /// </summary>
    /// <param name="node">This node.</param>
    /// <param name="table">The table.</param>
    /// <param name="isPartitioned">Whether it is partitioned.</param>
    public static string InstallMarks(int node, TableName table, bool isPartitioned)
    {
        var argument = string.Create(CultureInfo.InvariantCulture, $"'{node}'");
        var mark = Trigger(
            ObjectNames.MarkTrigger,
            table,
            "BEFORE INSERT OR UPDATE OR DELETE",
            isPartitioned ? "ROW" : "STATEMENT",
            $"mark_transaction({argument})",
            "ALWAYS"
        );
        return table.Schema == ObjectNames.Schema
            ? mark
            : mark
                + Trigger(
                    ObjectNames.BeforeTruncateTrigger,
                    table,
                    "BEFORE TRUNCATE",
                    "STATEMENT",
                    $"send_truncation({argument})",
                    "ALWAYS"
                )
                + Trigger(ObjectNames.AfterTruncateTrigger, table, "AFTER TRUNCATE", "STATEMENT", $"send_truncation({argument})", "ALWAYS");
    }

    public static string RemoveMarks(TableName table) =>
        Drop(ObjectNames.MarkTrigger, table)
        + Drop(ObjectNames.BeforeTruncateTrigger, table)
        + Drop(ObjectNames.AfterTruncateTrigger, table);

    /// <summary>Drops rows of transactions without the peer's mark while a peer's stream is applied.</summary>
    public static string InstallFilter(TableName table) =>
        Trigger(ObjectNames.FilterTrigger, table, "BEFORE INSERT OR UPDATE OR DELETE", "ROW", "drop_forwarded()", "REPLICA");

    public static string RemoveFilter(TableName table) => Drop(ObjectNames.FilterTrigger, table);

    /// <summary>
    /// Sets whether one of our publications publishes TRUNCATE; where transactions are marked it is replicated as a row
    /// instead.
    /// </summary>
    public static string PublishTruncate(string publication, bool isPublished) =>
        $"ALTER PUBLICATION {Quote.Identifier(publication)} SET (publish = 'insert, update, delete{(isPublished ? ", truncate" : "")}');";

    private static string Trigger(string name, TableName table, string events, string level, string function, string enabled) =>
        $"CREATE OR REPLACE TRIGGER {Quote.Identifier(name)} {events} ON {table.Quoted} FOR EACH {level} EXECUTE FUNCTION "
        + $"{Quote.Identifier(ObjectNames.Schema)}.{function}; "
        + $"ALTER TABLE {table.Quoted} ENABLE {enabled} TRIGGER {Quote.Identifier(name)}; ";

    private static string Drop(string name, TableName table) => $"DROP TRIGGER IF EXISTS {Quote.Identifier(name)} ON {table.Quoted}; ";
}
