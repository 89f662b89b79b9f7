using System.Security.Cryptography;
using System.Text;
using Dapper;
using Npgsql;
using Traktor.Engine.Nodes;
using Traktor.Engine.Owners;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Joining;

/// <summary>
/// A session that writes copied rows: as a replica, so that neither foreign keys nor triggers of the application run,
/// and under a replication origin of its own, so that no row is sent to other nodes. Their stamp is unknown: no copied
/// row looks newer than a change. Rows for tables of other roles arrive in a temporary table, from which a function
/// with the owner's rights inserts them: what is attached to the table is the owner's code.
/// </summary>
internal sealed class CopySession : IAsyncDisposable
{
    private const string Settings = """
        set session_replication_role = replica; set synchronous_commit = off; set row_security = off;
        set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0; set jit = off;
        set datestyle = iso; set intervalstyle = postgres; set extra_float_digits = 1; set bytea_output = hex
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly OwnerSession owners;
    private readonly Dictionary<TableName, string?> targets = [];

    private CopySession(NpgsqlConnection connection, OwnerSession owners) => (Connection, this.owners) = (connection, owners);

    public NpgsqlConnection Connection { get; }

    /// <summary>Opens a session with an origin that no other one uses. Npgsql's exceptions propagate.</summary>
    /// <param name="local">This node.</param>
    /// <param name="number">The number of the session, which names its origin.</param>
    /// <param name="cancel">Cancels the call.</param>
    public static async Task<CopySession> OpenAsync(LocalNode local, int number, CancellationToken cancel)
    {
        var connection = await local.OpenAloneAsync(cancel, "join", 0);
        try
        {
            await connection.ExecuteAsync(new CommandDefinition(Settings, cancellationToken: cancel));
            var oid = await connection.ExecuteScalarAsync<long>(
                new CommandDefinition("select oid::bigint from pg_database where datname = current_database()", cancellationToken: cancel)
            );
            var origin = ObjectNames.CopyOrigin(number, oid);
            await connection.ExecuteAsync(
                new CommandDefinition(
                    "select pg_replication_origin_create(@origin) where not exists "
                        + "(select from pg_replication_origin where roname = @origin)",
                    new { origin },
                    cancellationToken: cancel
                )
            );
            var deadline = DateTime.UtcNow + Patience;
            while (true)
                try
                {
                    await connection.ExecuteAsync(
                        new CommandDefinition(
                            "select pg_replication_origin_session_setup(@origin)",
                            new { origin },
                            cancellationToken: cancel
                        )
                    );
                    break;
                }
                catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ObjectInUse && DateTime.UtcNow < deadline)
                {
                    // The session of a killed arbiter has not ended yet.
                    await Task.Delay(100, cancel);
                }

            var owners = await OwnerSession.BeginAsync(connection, new Routines(local.Database), mayRunOwnersCode: true, cancel);
            return new CopySession(connection, owners);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a transaction that nobody receives, and that looks older than any other.</summary>
    public async Task WriteAsync(Func<Task> write, CancellationToken cancel)
    {
        await using var transaction = await Connection.BeginTransactionAsync(cancel);
        await write();
        await Connection.ExecuteAsync(
            new CommandDefinition("select pg_replication_origin_xact_setup('0/1', 'epoch')", cancellationToken: cancel)
        );
        await transaction.CommitAsync(cancel);
    }

    /// <summary>Writes rows of a table within a transaction.</summary>
    /// <param name="table">The table.</param>
    /// <param name="send">Sends the rows: called with the statement that takes them.</param>
    /// <param name="cancel">Cancels the call.</param>
    public async Task CopyAsync(CopiedTable table, Func<string, Task> send, CancellationToken cancel)
    {
        if (await OwnerOfAsync(table, cancel) is not { } owner)
        {
            await send($"copy {table.Table.Quoted} ({table.ColumnList}) from stdin (format binary)");
            return;
        }

        var incoming = Incoming(table.Table);
        await send($"copy {incoming} ({table.ColumnList}) from stdin (format binary)");
        var insert = new NpgsqlBatchCommand(
            $"with w as (insert into {table.Table.Quoted} ({table.ColumnList}) overriding system value select {table.ColumnList} "
                + $"from {incoming} returning 1) select count(*) from w"
        );
        await using var batch = new NpgsqlBatch(Connection);
        foreach (var command in await owners.CommandsAsync(owner, insert, "n bigint", cancel))
            batch.BatchCommands.Add(command);
        await batch.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Deletes all rows of some tables, within a transaction.</summary>
    public async Task TruncateAsync(IReadOnlyList<(TableName Table, string? Owner, bool IsPartitioned)> tables, CancellationToken cancel)
    {
        foreach (var group in tables.GroupBy(table => table.Owner))
        {
            var names = string.Join(", ", group.Select(table => $"{(table.IsPartitioned ? "" : "only ")}{table.Table.Quoted}"));
            var deletes = string.Join(
                " ",
                group.Select(table => $"delete from {(table.IsPartitioned ? "" : "only ")}{table.Table.Quoted};")
            );
            // A table to which a table of another role refers cannot be truncated without that.
            var body = $"begin truncate {names}; exception when feature_not_supported then {deletes} end";
            await using var batch = new NpgsqlBatch(Connection);
            if (group.Key is not { } owner)
                batch.BatchCommands.Add(new NpgsqlBatchCommand($"do {Quote.Literal(body).TrimStart()}"));
            else
            {
                var routine = new Routine("truncate", owner, "", "void", body);
                batch.BatchCommands.Add(new NpgsqlBatchCommand($"select {await owners.Routines.NameAsync(routine, cancel)}()"));
                batch.BatchCommands.Add(owners.Check());
            }

            await batch.ExecuteNonQueryAsync(cancel);
        }
    }

    /// <summary>Whether a table has no row.</summary>
    public async Task<bool> IsEmptyAsync((TableName Table, string? Owner, bool IsPartitioned) table, CancellationToken cancel)
    {
        var query = new NpgsqlBatchCommand(
            $"select not exists (select from {(table.IsPartitioned ? "" : "only ")}{table.Table.Quoted}) as is_empty"
        );
        await using var batch = new NpgsqlBatch(Connection);
        foreach (var command in await owners.CommandsAsync(table.Owner, query, "is_empty boolean", cancel))
            batch.BatchCommands.Add(command);
        return (bool)(await batch.ExecuteScalarAsync(cancel))!;
    }

    public ValueTask DisposeAsync() => Connection.DisposeAsync();

    /// <summary>The owner of a table here, when that is another role; makes the temporary table then.</summary>
    private async Task<string?> OwnerOfAsync(CopiedTable table, CancellationToken cancel)
    {
        if (targets.TryGetValue(table.Table, out var known))
            return known;
        var owner = await Connection.ExecuteScalarAsync<string?>(
            new CommandDefinition(
                SqlFile.Read("Joining/read_other_owner.sql"),
                new { schema = table.Schema, name = table.Name },
                cancellationToken: cancel
            )
        );
        if (owner is not null)
        {
            if (table.Columns.FirstOrDefault(column => !column.IsSimple) is { } odd)
                throw RefusedException.Conflict(
                    $"Column {odd.Name} of {table.Table} has type {odd.Type}: a composite type, or an array of domains, of a table "
                        + $"that belongs to role {owner} cannot be copied.",
                    $"Copy the table by hand; or ALTER TABLE {table.Table.Quoted} OWNER TO the arbiter's role, until the node has joined."
                );
            var columns = string.Join(", ", table.Columns.Select(column => $"{Quote.Identifier(column.Name)} {column.Base}"));
            await Connection.ExecuteAsync(
                new CommandDefinition(
                    $"create temporary table {Incoming(table.Table)} ({columns}) on commit delete rows; "
                        + $"grant select on {Incoming(table.Table)} to {Quote.Identifier(owner)}",
                    cancellationToken: cancel
                )
            );
        }

        return targets[table.Table] = owner;
    }

    private static string Incoming(TableName table) =>
        "pg_temp.trktr_copy_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(table.Quoted)))[..24];
}
