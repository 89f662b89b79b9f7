using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;
using Traktor.Engine.Slots;

namespace Traktor.Engine.Replicasets;

/// <summary>
/// Transactions that have written to a table and are still open. The server decides for each change of a transaction
/// whether it is sent: opened meanwhile, the table would be sent a half of what they wrote.
/// </summary>
internal static class TableWriters
{
    /// <summary>
    /// The transactions that have written to some tables, or to their partitions, and have been open for a second, by
    /// table, the oldest first. Npgsql's exceptions propagate.
    /// </summary>
    public static async Task<ILookup<TableName, OpenTransaction>> ReadAsync(
        NpgsqlConnection connection,
        IReadOnlyCollection<TableName> tables,
        CancellationToken cancel
    )
    {
        if (tables.Count == 0)
            return Array.Empty<(TableName Table, OpenTransaction Writer)>().ToLookup(row => row.Table, row => row.Writer);
        var rows = await connection.QueryAsync<Row>(
            new CommandDefinition(
                SqlFile.Read("Replicasets/read_table_writers.sql"),
                new { schemas = tables.Select(table => table.Schema).ToArray(), names = tables.Select(table => table.Name).ToArray() },
                cancellationToken: cancel
            )
        );
        return rows.ToLookup(
            row => new TableName(row.Schema, row.Name),
            row => new OpenTransaction(row.Pid, row.Gid, row.Role, row.State, row.Age)
        );
    }

    /// <summary>Waits until no transaction that has written to the table is open, and keeps others from writing until
    /// the end of this one. Fails with lock_not_available after a second: meanwhile, writers have waited behind
    /// it.</summary>
    public static Task KeepOutAsync(NpgsqlConnection connection, TableName table, CancellationToken cancel) =>
        connection.ExecuteAsync(
            new CommandDefinition(
                $"set local lock_timeout = '1s'; lock table {table.Quoted} in share row exclusive mode; set local lock_timeout = '3s'",
                cancellationToken: cancel
            )
        );

    private sealed record Row(string Schema, string Name, int? Pid, string? Gid, string? Role, string? State, string? Age, DateTime? Since);
}
