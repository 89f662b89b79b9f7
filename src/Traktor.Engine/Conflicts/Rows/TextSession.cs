using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace Traktor.Engine.Conflicts.Rows;

/// <summary>
/// A transaction that reads and writes values in PostgreSQL's text form, the same on every node whatever its settings.
/// </summary>
internal sealed class TextSession : IAsyncDisposable
{
    private const string SameEverywhere =
        "set local datestyle = 'ISO, MDY'; set local intervalstyle = 'postgres'; set local timezone = 'UTC'; set local "
        + "extra_float_digits = 1; set local bytea_output = 'hex'; set local xmloption = 'content'";

    private readonly NpgsqlConnection connection;
    private readonly NpgsqlTransaction transaction;

    private TextSession(NpgsqlConnection connection, NpgsqlTransaction transaction) =>
        (this.connection, this.transaction) = (connection, transaction);

    /// <summary>Begins the transaction. Npgsql's exceptions propagate.</summary>
    public static async Task<TextSession> BeginAsync(NpgsqlConnection connection, bool isReadOnly, CancellationToken cancel)
    {
        var session = new TextSession(connection, await connection.BeginTransactionAsync(cancel));
        await session.ExecuteAsync((isReadOnly ? "set transaction read only; " : "") + SameEverywhere, cancel);
        return session;
    }

    public async Task ExecuteAsync(string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection, transaction);
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>
    /// Runs a statement with a JSON object as <c>$1</c>, followed by <paramref name="more"/>. Returns the number of
    /// rows written.
    /// </summary>
    public async Task<int> WriteAsync(string sql, JsonElement json, IEnumerable<object> more, CancellationToken cancel)
    {
        await using var command = Command(sql, json, more);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>The rows of a query, with each value as text or null.</summary>
    public async Task<List<string?[]>> ReadAsync(string sql, JsonElement json, IEnumerable<object> more, CancellationToken cancel)
    {
        await using var command = Command(sql, json, more);
        command.AllResultTypesAreUnknown = true;
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<string?[]>();
        while (await reader.ReadAsync(cancel))
        {
            var row = new string?[reader.FieldCount];
            for (var i = 0; i < row.Length; i++)
                row[i] = reader.IsDBNull(i) ? null : reader.GetString(i);
            rows.Add(row);
        }

        return rows;
    }

    public Task CommitAsync(CancellationToken cancel) => transaction.CommitAsync(cancel);

    public ValueTask DisposeAsync() => transaction.DisposeAsync();

    private NpgsqlCommand Command(string sql, JsonElement json, IEnumerable<object> more)
    {
        var command = new NpgsqlCommand(sql, connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = json.GetRawText(), NpgsqlDbType = NpgsqlDbType.Jsonb });
        foreach (var value in more)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }
}
