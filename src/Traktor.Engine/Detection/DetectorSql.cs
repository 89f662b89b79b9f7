using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Detection;

/// <summary>
/// The statements that create and drop the conflict detection triggers of a table
/// (<see href="https://www.postgresql.org/docs/current/sql-createtrigger.html"/>). Partitions inherit them from their
/// root, including partitions created later.
/// </summary>
public static class DetectorSql
{
    private static readonly string[] Triggers = [ObjectNames.DetectUpdateTrigger, ObjectNames.DetectDeleteTrigger, ObjectNames.KeyTrigger];

    /// <summary>Creates the triggers or replaces them, in one statement.</summary>
    /// <param name="table">The table.</param>
    /// <param name="key">The table's key columns.</param>
    public static string Install(TableName table, IReadOnlyList<string> key)
    {
        var arguments = string.Join(", ", new[] { table.Schema, table.Name }.Concat(key).Select(name => Quote.Literal(name)));
        var columns = string.Join(", ", key.Select(Quote.Identifier));
        var isChanged = string.Join(
            " OR ",
            key.Select(column => $"OLD.{Quote.Identifier(column)} IS DISTINCT FROM NEW.{Quote.Identifier(column)}")
        );
        return $"""
            {Remove(table)};
            CREATE TRIGGER {ObjectNames.DetectUpdateTrigger} BEFORE UPDATE ON {table.Quoted}
                FOR EACH ROW EXECUTE FUNCTION trktr.detect_update({arguments});
            CREATE TRIGGER {ObjectNames.DetectDeleteTrigger} BEFORE DELETE ON {table.Quoted}
                FOR EACH ROW EXECUTE FUNCTION trktr.detect_delete({arguments});
            CREATE TRIGGER {ObjectNames.KeyTrigger} AFTER UPDATE OF {columns} ON {table.Quoted}
                FOR EACH ROW WHEN ({isChanged}) EXECUTE FUNCTION trktr.detect_key_change({arguments});
            ALTER TABLE {table.Quoted}
                ENABLE REPLICA TRIGGER {ObjectNames.DetectUpdateTrigger},
                ENABLE REPLICA TRIGGER {ObjectNames.DetectDeleteTrigger}
            """;
    }

    /// <summary>
    /// Locks the table against other sessions that would create its triggers or, where there are some, against all, as
    /// dropping them does: a weaker lock first could not be made stronger without a deadlock.
    /// </summary>
    public static string Lock(TableName table, bool hasSome) =>
        $"LOCK TABLE {table.Quoted} IN {(hasSome ? "ACCESS EXCLUSIVE" : "SHARE ROW EXCLUSIVE")} MODE";

    /// <summary>Drops the triggers, in one statement; succeeds if there are none.</summary>
    public static string Remove(TableName table) =>
        string.Join("; ", Triggers.Select(trigger => $"DROP TRIGGER IF EXISTS {trigger} ON {table.Quoted}"));
}
