using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Detection;

/// <summary>
/// Keeps the triggers that see silent conflicts where they belong: on every table that is replicated here and not
/// exempted. Each look compares everything anew, so a table that was altered, renamed or made anew, and triggers that
/// somebody dropped or disabled, are put right by the next one.
/// </summary>
public static class TriggerReconciler
{
    // Whoever writes the table waits behind us for as long as we wait for whoever wrote before.
    private const string Patience = "set local lock_timeout = '500ms'";

    /// <summary>One look, and what follows from it. Throws what Npgsql throws, except for single tables.</summary>
    /// <param name="connection">This node.</param>
    /// <param name="coming">Tables that will be subscribed to in a moment: their triggers have to be there before the first row.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>What could not be done, in sentences; it is tried again with the next look.</returns>
    public static async Task<IReadOnlyList<string>> EnsureAsync(
        NpgsqlConnection connection,
        IReadOnlyCollection<TableName> coming,
        CancellationToken cancel
    )
    {
        var problems = new List<string>();
        foreach (var due in await ReadAsync(connection, coming, cancel))
            if (
                await TryAsync(connection, due.Wanted ? DetectorSql.Install(due.Table, due.Key) : DetectorSql.Remove(due.Table), cancel) is
                { } reason
            )
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

    private static async Task<string?> TryAsync(NpgsqlConnection connection, string statement, CancellationToken cancel)
    {
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            await connection.ExecuteAsync(new CommandDefinition(Patience, cancellationToken: cancel));
            await connection.ExecuteAsync(new CommandDefinition(statement, cancellationToken: cancel));
            await transaction.CommitAsync(cancel);
            return null;
        }
        catch (PostgresException e)
        {
            return PostgresErrors.InWords(e);
        }
    }

    // Set by name, not through a constructor: Dapper cannot match array parameters of one.
    private sealed class Due
    {
        public string Schema { get; set; } = "";

        public string Name { get; set; } = "";

        public string[] Key { get; set; } = [];

        public bool Wanted { get; set; }

        public TableName Table => new(Schema, Name);
    }
}
