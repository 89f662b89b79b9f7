using Dapper;
using Npgsql;
using Traktor.Engine.Nodes;
using Traktor.Engine.Owners;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Joining;

/// <summary>
/// A session on the source that sees its exported snapshot. Tables of other roles are read in functions with their
/// owners' rights: the server may run code of an owner when it plans a statement on the table.
/// </summary>
internal sealed class SourceSession : IAsyncDisposable
{
    private const string Settings =
        "set local row_security = off; set local statement_timeout = 0; set local jit = off; "
        + "set local max_parallel_workers_per_gather = 0; set local constraint_exclusion = off";

    private readonly NpgsqlTransaction transaction;
    private readonly OwnerSession owners;

    private SourceSession(NpgsqlConnection connection, NpgsqlTransaction transaction, OwnerSession owners) =>
        (Connection, this.transaction, this.owners) = (connection, transaction, owners);

    public NpgsqlConnection Connection { get; }

    /// <summary>Opens the session. Npgsql's exceptions propagate.</summary>
    /// <exception cref="SnapshotLostException">The snapshot is gone.</exception>
    public static async Task<SourceSession> OpenAsync(Database source, string snapshot, CancellationToken cancel)
    {
        // No limit for a statement.
        var connection = await source.OpenAloneAsync(cancel, "join", 0);
        try
        {
            var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancel);
            await connection.ExecuteAsync(
                new CommandDefinition($"set transaction snapshot {Quote.Literal(snapshot)}", cancellationToken: cancel)
            );
            await connection.ExecuteAsync(new CommandDefinition(Settings, cancellationToken: cancel));
            var owners = await OwnerSession.BeginAsync(connection, new Routines(source), mayRunOwnersCode: true, cancel);
            return new SourceSession(connection, transaction, owners);
        }
        catch (PostgresException e) when (IsLost(e))
        {
            await connection.DisposeAsync();
            throw new SnapshotLostException(e);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>The statement that sends a range.</summary>
    public async Task<string> CopyAsync(CopyRange range, CancellationToken cancel)
    {
        var (table, part) = (range.Table, range.Part.Relation);
        if (table.Owner is null)
            return $"copy (select {table.ColumnList} from only {part.Quoted} where {Within(Tid(range.First), Tid(range.End))}) "
                + "to stdout (format binary)";
        var rows = await owners.FromItemAsync(
            table.Owner,
            $"select {table.ColumnList} from only {part.Quoted} where {Within("$1", range.End is null ? null : "$2")}",
            range.End is null ? ["tid"] : ["tid", "tid"],
            string.Join(", ", table.Columns.Select(column => $"{Quote.Identifier(column.Name)} {column.Type}")),
            cancel
        );
        var call = rows.Replace("$1", Tid(range.First), StringComparison.Ordinal);
        return $"copy (select * from {(range.End is { } end ? call.Replace("$2", Tid(end), StringComparison.Ordinal) : call)}) "
            + "to stdout (format binary)";
    }

    /// <summary>Checks the session after a range of a table was sent.</summary>
    public async Task CheckAsync(CopiedTable table, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(Connection, transaction);
        foreach (var command in owners.After(table.Owner))
            batch.BatchCommands.Add(command);
        if (batch.BatchCommands.Count > 0)
            await batch.ExecuteNonQueryAsync(cancel);
    }

    public async ValueTask DisposeAsync() => await Connection.DisposeAsync();

    private static bool IsLost(PostgresException e) =>
        e.SqlState
            is PostgresErrorCodes.InvalidParameterValue
                or PostgresErrorCodes.UndefinedObject
                or PostgresErrorCodes.ObjectNotInPrerequisiteState;

    private static string Within(string first, string? end) => $"ctid >= {first}{(end is null ? "" : $" and ctid < {end}")}";

    private static string Tid(long page) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"'({page},0)'::tid");

    private static string? Tid(long? page) => page is { } number ? Tid(number) : null;
}
