using System.Globalization;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Traktor.Engine.Nodes;
using Traktor.Engine.Owners;

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
    private readonly OwnerSession owners;

    private TextSession(NpgsqlTransaction transaction, OwnerSession owners) =>
        (connection, this.transaction, this.owners) = (owners.Connection, transaction, owners);

    /// <summary>Begins the transaction. Npgsql's exceptions propagate.</summary>
    /// <param name="database">This node's database.</param>
    /// <param name="connection">One of its sessions that calls no statement by name.</param>
    /// <param name="isReadOnly">Whether the transaction is read-only.</param>
    /// <param name="cancel">Cancels the call.</param>
    public static async Task<TextSession> BeginAsync(
        Database database,
        NpgsqlConnection connection,
        bool isReadOnly,
        CancellationToken cancel
    )
    {
        var transaction = await connection.BeginTransactionAsync(cancel);
        await using var settings = new NpgsqlCommand((isReadOnly ? "set transaction read only; " : "") + SameEverywhere, connection);
        await settings.ExecuteNonQueryAsync(cancel);
        return new TextSession(
            transaction,
            await OwnerSession.BeginAsync(connection, new Routines(database), mayRunOwnersCode: true, cancel)
        );
    }

    public async Task ExecuteAsync(string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection, transaction);
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>
    /// Runs a statement of a table with a JSON object as <c>$1</c>, followed by <paramref name="more"/>. Returns the
    /// number of rows written.
    /// </summary>
    public async Task<int> WriteAsync(RowTable table, string sql, JsonElement json, IEnumerable<string> more, CancellationToken cancel)
    {
        if (table.Owner is not null)
            return int.Parse((await OwnersAsync(table.Owner, sql, json, more, cancel))[0][0]!, CultureInfo.InvariantCulture);
        await using var command = Command(sql, json, more);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>The rows of a query on a table, each value as text or null.</summary>
    public async Task<List<string?[]>> ReadAsync(
        RowTable table,
        string sql,
        JsonElement json,
        IEnumerable<string> more,
        CancellationToken cancel
    )
    {
        if (table.Owner is not null)
            return await OwnersAsync(table.Owner, sql, json, more, cancel);
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

    /// <summary>
    /// The same with the rights of the table's owner, by one function for all statements: each is another.
    /// </summary>
    private async Task<List<string?[]>> OwnersAsync(
        string owner,
        string sql,
        JsonElement json,
        IEnumerable<string> more,
        CancellationToken cancel
    )
    {
        var command = new NpgsqlBatchCommand("execute $1 using $2");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = sql, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(
            new NpgsqlParameter<string[]>
            {
                TypedValue = [json.GetRawText(), .. more],
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
            }
        );
        await using var batch = new NpgsqlBatch(connection, transaction);
        foreach (var part in await owners.CommandsAsync(owner, command, "texts text[]", cancel))
            batch.BatchCommands.Add(part);
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        var rows = new List<string?[]>();
        do
        {
            while (await reader.ReadAsync(cancel))
                rows.Add(await reader.GetFieldValueAsync<string?[]>(0, cancel));
        } while (await reader.NextResultAsync(cancel));
        return rows;
    }

    public Task CommitAsync(CancellationToken cancel) => transaction.CommitAsync(cancel);

    public ValueTask DisposeAsync() => transaction.DisposeAsync();

    private NpgsqlCommand Command(string sql, JsonElement json, IEnumerable<string> more)
    {
        var command = new NpgsqlCommand(sql, connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = json.GetRawText(), NpgsqlDbType = NpgsqlDbType.Jsonb });
        foreach (var value in more)
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = value });
        return command;
    }
}
