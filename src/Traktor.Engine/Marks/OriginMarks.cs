using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Marks;

/// <summary>
/// Creates and drops the triggers that mark and filter transactions. Creating one waits for every transaction that has
/// written the table, but never for long, because later writers wait behind it.
/// </summary>
public static class OriginMarks
{
    /// <summary>Whether this node should mark its transactions, and how its publications treat TRUNCATE.</summary>
    public static Task<MarksWanted> WantedAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.QuerySingleAsync<MarksWanted>(
            new CommandDefinition(SqlFile.Read("Marks/read_marks_wanted.sql"), cancellationToken: cancel)
        );

    /// <summary>Peers that have registered as needing this node's marks, ascending.</summary>
    public static async Task<IReadOnlyList<int>> DependentsAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        [
            .. await connection.QueryAsync<int>(
                new CommandDefinition("select node_id from trktr.marked_subscriber order by 1", cancellationToken: cancel)
            ),
        ];

    /// <summary>
    /// Before a table is published: marks its transactions, if this node marks. Runs in the caller's transaction, with
    /// its lock timeout.
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
    /// Before tables of a filtered stream are subscribed: creates their filters, each in its own transaction.
    /// </summary>
    /// <returns>Why a filter cannot be created now, in a sentence; null when all exist. Tables that do not exist on
    /// this node are skipped.</returns>
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
                return $"The filter of forwarded rows cannot be created on {marking.Table}: {PostgresErrors.InWords(e)}.";
            }
        }

        return null;
    }

    /// <summary>Keeps filters from being removed until the session ends or <see cref="EndRefreshAsync"/>.</summary>
    public static Task BeginRefreshAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        NodeLocks.TryTakeForSessionAsync(connection, NodeLocks.Refresh, isShared: true, cancel);

    public static Task EndRefreshAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        NodeLocks.ReleaseSharedAsync(connection, NodeLocks.Refresh, cancel);

    /// <summary>
    /// Drops all triggers of marking and filtering, because the node is being uninitialised. Npgsql's exceptions
    /// propagate, also when a table stays locked.
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

    /// <summary>Runs one statement in its own transaction with a short lock timeout.</summary>
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
    /// Takes the lock that allows filters to be removed; false while a refresh is running. Held until the end of the
    /// transaction.
    /// </summary>
    internal static async Task<bool> TryHoldRefreshesAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        // A refresh that begins waits for the row.
        await NodeLocks.TakeAsync(connection, NodeLocks.Refresh, cancel);
        return !await NodeLocks.IsHeldBySessionAsync(connection, NodeLocks.Refresh, cancel);
    }
}

/// <summary>Whether a node marks its transactions.</summary>
/// <param name="IsWanted">Whether its transactions should be marked: Pre16Compatibility is True, or a subscriber still
/// needs marks.</param>
/// <param name="TruncatesSome">Whether one of our publications publishes TRUNCATE.</param>
/// <param name="WithholdsSome">Whether one of our publications does not.</param>
public sealed record MarksWanted(bool IsWanted, bool TruncatesSome, bool WithholdsSome);
