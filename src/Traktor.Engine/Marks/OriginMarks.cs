using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Marks;

/// <summary>
/// Puts the triggers of marking and filtering on tables, and takes them away. Making one waits until every transaction
/// that wrote the table has ended; it never waits long, for those that come after it would wait too.
/// </summary>
public static class OriginMarks
{
    /// <summary>Whether this node's transactions are to be marked, and how its publications treat TRUNCATE.</summary>
    public static Task<MarksWanted> WantedAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.QuerySingleAsync<MarksWanted>(
            new CommandDefinition(SqlFile.Read("Marks/read_marks_wanted.sql"), cancellationToken: cancel)
        );

    /// <summary>Peers that told that they need this node's marks, ascending.</summary>
    public static async Task<IReadOnlyList<int>> DependentsAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        [
            .. await connection.QueryAsync<int>(
                new CommandDefinition("select node_id from trktr.marked_subscriber order by 1", cancellationToken: cancel)
            ),
        ];

    /// <summary>
    /// Before a table is published: has its transactions marked, where this node marks. In the caller's transaction,
    /// under its time limit for locks.
    /// </summary>
    public static async Task EnsureMarkedAsync(NpgsqlConnection connection, int node, TableName table, CancellationToken cancel)
    {
        if (!(await WantedAsync(connection, cancel)).IsWanted)
            return;
        foreach (var marking in (await TableMarking.ReadAsync(connection, [table], cancel)).Where(marking => !marking.IsMarked))
            await connection.ExecuteAsync(
                new CommandDefinition(MarkSql.InstallMarks(node, table, marking.IsPartitioned), cancellationToken: cancel)
            );
    }

    /// <summary>
    /// Before tables of a filtered stream are subscribed to: makes their filters, each in a transaction of its own.
    /// </summary>
    /// <returns>
    /// Why one cannot be made now, in a sentence; null when all are there. Tables that do not exist here are passed
    /// over.
    /// </returns>
    public static async Task<string?> EnsureFilteredAsync(
        NpgsqlConnection connection,
        IReadOnlyCollection<TableName> tables,
        CancellationToken cancel
    )
    {
        if (tables.Count == 0)
            return null;
        foreach (var marking in (await TableMarking.ReadAsync(connection, tables, cancel)).Where(marking => !marking.IsFiltered))
        {
            try
            {
                await BrieflyAsync(connection, MarkSql.InstallFilter(marking.Table), cancel);
            }
            catch (PostgresException e)
            {
                return $"{marking.Table} cannot be given its filter of forwarded rows: {PostgresErrors.InWords(e)}.";
            }
        }

        return null;
    }

    /// <summary>Keeps filters from being removed until the session ends or <see cref="EndRefreshAsync"/>.</summary>
    public static Task BeginRefreshAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.ExecuteAsync(
            new CommandDefinition($"select pg_advisory_lock_shared({AdvisoryLocks.Refresh})", cancellationToken: cancel)
        );

    public static Task EndRefreshAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.ExecuteAsync(
            new CommandDefinition($"select pg_advisory_unlock_shared({AdvisoryLocks.Refresh})", cancellationToken: cancel)
        );

    /// <summary>
    /// Removes all triggers of marking and filtering: the node is being taken out. Throws what Npgsql throws, also when
    /// a table stays locked.
    /// </summary>
    public static async Task RemoveAllAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var tables = await connection.QueryAsync<TableName>(
            new CommandDefinition(
                "select schema_name as schema, table_name as name from trktr.marking where schema_name <> 'trktr' and "
                    + "(has_marks or has_filter)",
                cancellationToken: cancel
            )
        );
        foreach (var table in tables)
            await BrieflyAsync(connection, MarkSql.RemoveMarks(table) + MarkSql.RemoveFilter(table), cancel);
    }

    /// <summary>One statement in a transaction of its own that does not wait long for a lock.</summary>
    internal static async Task BrieflyAsync(NpgsqlConnection connection, string statement, CancellationToken cancel)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await connection.ExecuteAsync(
            new CommandDefinition("set local lock_timeout = '1s'", transaction: transaction, cancellationToken: cancel)
        );
        await connection.ExecuteAsync(new CommandDefinition(statement, transaction: transaction, cancellationToken: cancel));
        await transaction.CommitAsync(cancel);
    }

    /// <summary>
    /// Takes the lock under which filters may be removed; false when a refresh is under way. Held to the end of the
    /// transaction.
    /// </summary>
    internal static Task<bool> TryHoldRefreshesAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.ExecuteScalarAsync<bool>(
            new CommandDefinition($"select pg_try_advisory_xact_lock({AdvisoryLocks.Refresh})", cancellationToken: cancel)
        );
}

/// <summary>Whether a node marks.</summary>
/// <param name="IsWanted">Its transactions are to be marked: it runs with Pre16Compatibility = True, or a subscriber
/// still needs it.</param>
/// <param name="TruncatesSome">A publication of ours publishes TRUNCATE.</param>
/// <param name="WithholdsSome">A publication of ours does not.</param>
public sealed record MarksWanted(bool IsWanted, bool TruncatesSome, bool WithholdsSome);
