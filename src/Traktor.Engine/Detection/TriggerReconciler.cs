using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Detection;

/// <summary>
/// Keeps the conflict detection triggers on every table that is replicated on this node and not exempted. Every check
/// compares with the catalog, so that it also repairs tables that were altered, renamed or recreated, and triggers that
/// an operator dropped or disabled.
/// </summary>
public static class TriggerReconciler
{
    // While this session waits for a lock on a table, every later writer of the table waits behind it.
    private const string Patience = "set local lock_timeout = '500ms'";

    private const int MostAttempts = 3;

    /// <summary>
    /// Checks once and makes the necessary changes. Npgsql's exceptions propagate, except for those of single tables.
    /// </summary>
    /// <param name="connection">This node.</param>
    /// <param name="coming">Tables that are about to be subscribed: their triggers must exist before the first row
    /// arrives.</param>
    /// <param name="cancel">Cancels the call.</param>
    /// <returns>What failed, in sentences. The next check tries it again.</returns>
    public static async Task<IReadOnlyList<string>> EnsureAsync(
        NpgsqlConnection connection,
        IReadOnlyCollection<TableName> coming,
        CancellationToken cancel
    )
    {
        var problems = new List<string>();
        foreach (var due in await ReadAsync(connection, coming, cancel))
            if (await TryAsync(connection, due, coming, cancel) is { } reason)
                problems.Add($"{due.Table}: {reason}");
        return problems;
    }

    private static async Task<IReadOnlyList<Due>> ReadAsync(
        NpgsqlConnection connection,
        IReadOnlyCollection<TableName> coming,
        CancellationToken cancel
    ) =>
        (
            await connection.QueryAsync<Due>(
                new CommandDefinition(
                    SqlFile.Read("Detection/read_detection.sql"),
                    new { schemas = coming.Select(table => table.Schema).ToArray(), names = coming.Select(table => table.Name).ToArray() },
                    cancellationToken: cancel
                )
            )
        ).AsList();

    private static async Task<string?> TryAsync(
        NpgsqlConnection connection,
        Due due,
        IReadOnlyCollection<TableName> coming,
        CancellationToken cancel
    )
    {
        for (var attempt = 1; ; attempt++)
            try
            {
                await ChangeAsync(connection, due, coming.Contains(due.Table), cancel);
                return null;
            }
            catch (PostgresException e) when (attempt < MostAttempts && PostgresErrors.IsDeadlock(e))
            {
                // An apply worker took the locks the other way round. The server waited before it said so.
            }
            catch (PostgresException e)
            {
                return PostgresErrors.InWords(e);
            }
    }

    /// <summary>
    /// Changes a table's triggers, unless another session has done so meanwhile: the loop, the refresh of a
    /// subscription and a call that subscribes may find the same table at the same time.
    /// </summary>
    private static async Task ChangeAsync(NpgsqlConnection connection, Due due, bool isComing, CancellationToken cancel)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await connection.ExecuteAsync(new CommandDefinition(Patience, cancellationToken: cancel));
        await connection.ExecuteAsync(new CommandDefinition(DetectorSql.Lock(due.Table, due.HasSome), cancellationToken: cancel));
        var now = await ReadAsync(connection, isComing ? [due.Table] : [], cancel);
        if (now.FirstOrDefault(other => other.Table == due.Table) is not { } still || (still.HasSome && !due.HasSome))
            return;
        var statement = still.Wanted ? DetectorSql.Install(still.Table, still.Key) : DetectorSql.Remove(still.Table);
        await connection.ExecuteAsync(new CommandDefinition(statement, cancellationToken: cancel));
        await transaction.CommitAsync(cancel);
    }

    // Set by name, not through a constructor: Dapper cannot match a constructor's array parameters.
    private sealed class Due
    {
        public string Schema { get; set; } = "";

        public string Name { get; set; } = "";

        public string[] Key { get; set; } = [];

        public bool Wanted { get; set; }

        public bool HasSome { get; set; }

        public TableName Table => new(Schema, Name);
    }
}
