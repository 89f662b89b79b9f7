using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Schema;

/// <summary>
/// Creates schema trktr, or upgrades it to a release, in the caller's transaction: a kill at any point leaves it
/// unchanged. Sessions that call a function while it is replaced finish with the old version.
/// </summary>
/// <param name="scripts">The scripts of the release.</param>
public sealed class SchemaInstaller(SchemaScripts scripts)
{
    // Lock waits are short, because later sessions wait behind them: the arbiter tries again. Names in functions and
    // views are resolved without other schemas.
    private const string Settings = "set local lock_timeout = '3s'; set local search_path = pg_catalog, pg_temp";

    /// <summary>
    /// Waits until no other arbiter upgrades the schema, and keeps others from it until the end of the transaction.
    /// Where there is no schema yet, <see cref="InstallAsync"/> waits for another that creates it, and then fails.
    /// </summary>
    public static async Task LockAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        if (
            await connection.ExecuteScalarAsync<bool>(
                new CommandDefinition("select to_regclass('trktr.node_lock') is not null", cancellationToken: cancel)
            )
        )
            // Not a row of it, which may be missing: that is to be mended.
            await connection.ExecuteAsync(
                new CommandDefinition("lock table trktr.node_lock in share row exclusive mode", cancellationToken: cancel)
            );
    }

    /// <summary>
    /// Runs the migrations after <paramref name="installed"/>, installs the any-time scripts whose text has changed,
    /// and drops what scripts of another release created that this one does not have. Requires <see cref="LockAsync"/>.
    /// </summary>
    /// <param name="connection">A session in a transaction.</param>
    /// <param name="installed">The version of the schema; 0 when there is none.</param>
    /// <param name="cancel">Cancels the call.</param>
    /// <exception cref="RefusedException">PostgreSQL rejected a statement; the message has its file and
    /// line.</exception>
    public async Task InstallAsync(NpgsqlConnection connection, int installed, CancellationToken cancel)
    {
        await connection.ExecuteAsync(new CommandDefinition(Settings, cancellationToken: cancel));
        if (installed == 0)
            await connection.ExecuteAsync(
                new CommandDefinition($"create schema {Quote.Identifier(ObjectNames.Schema)}", cancellationToken: cancel)
            );
        foreach (var migration in scripts.Migrations.Where(script => SchemaScripts.NumberOf(script) > installed))
            await RunAsync(connection, migration, cancel);

        var hashes = await HashesAsync(connection, cancel);
        var changed = scripts.AnyTime.Where(script => hashes.GetValueOrDefault(script.Path) != script.Hash).ToList();
        foreach (var script in changed)
            await RunAsync(connection, script, cancel);

        var removed = hashes.Keys.Except(scripts.AnyTime.Select(script => script.Path)).Select(path => new SchemaScript(path, "")).ToList();
        foreach (var view in removed.Where(script => script.IsIn(SchemaScripts.ViewFolder)))
            await DropAsync(connection, view, $"view if exists {new TableName(ObjectNames.Schema, view.Name).Quoted}", cancel);
        await DropFunctionsAsync(
            connection,
            [.. changed.Concat(removed).Where(script => script.IsIn(SchemaScripts.FunctionFolder))],
            cancel
        );
        await RecordAsync(connection, changed, removed, cancel);
    }

    private static async Task<Dictionary<string, string>> HashesAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        (
            await connection.QueryAsync<(string Path, string Hash)>(
                new CommandDefinition("select path, hash from trktr.schema_script", cancellationToken: cancel)
            )
        ).ToDictionary(script => script.Path, script => script.Hash, StringComparer.Ordinal);

    private static async Task RunAsync(NpgsqlConnection connection, SchemaScript script, CancellationToken cancel)
    {
        foreach (var statement in SqlStatements.Split(script.Text))
            await ExecuteAsync(connection, script, statement, cancel);
    }

    /// <summary>
    /// Drops functions that this transaction did not create: those with the signature of another release, and those
    /// whose file no longer exists. Nothing calls them any more.
    /// </summary>
    private static async Task DropFunctionsAsync(
        NpgsqlConnection connection,
        IReadOnlyList<SchemaScript> functions,
        CancellationToken cancel
    )
    {
        var old = await connection.QueryAsync<(string Name, string Signature)>(
            new CommandDefinition(
                """
                select p.proname::text, p.oid::regprocedure::text
                from pg_proc p
                where p.pronamespace = 'trktr'::regnamespace
                  and p.proname = any (@names)
                  and p.xmin <> pg_current_xact_id()::xid
                """,
                new { names = functions.Select(script => script.Name).ToArray() },
                cancellationToken: cancel
            )
        );
        foreach (var (name, signature) in old)
            await DropAsync(connection, functions.First(script => script.Name == name), $"routine {signature}", cancel);
    }

    private static Task DropAsync(NpgsqlConnection connection, SchemaScript script, string what, CancellationToken cancel) =>
        ExecuteAsync(connection, script, new SqlStatement(1, $"drop {what}"), cancel);

    private static Task RecordAsync(
        NpgsqlConnection connection,
        IReadOnlyList<SchemaScript> changed,
        IReadOnlyList<SchemaScript> removed,
        CancellationToken cancel
    ) =>
        connection.ExecuteAsync(
            new CommandDefinition(
                """
                delete from trktr.schema_script
                where path = any (@removed);
                insert into trktr.schema_script (path, hash)
                select * from unnest(@paths, @hashes)
                on conflict (path) do update
                set hash = excluded.hash, installed_at = clock_timestamp()
                """,
                new
                {
                    removed = removed.Select(script => script.Path).ToArray(),
                    paths = changed.Select(script => script.Path).ToArray(),
                    hashes = changed.Select(script => script.Hash).ToArray(),
                },
                cancellationToken: cancel
            )
        );

    private static async Task ExecuteAsync(
        NpgsqlConnection connection,
        SchemaScript script,
        SqlStatement statement,
        CancellationToken cancel
    )
    {
        try
        {
            await using var command = new NpgsqlCommand(statement.Text, connection);
            await command.ExecuteNonQueryAsync(cancel);
        }
        catch (PostgresException e)
        {
            var refusal = PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
            throw new RefusedException(
                refusal.Kind,
                $"{script.Path}, line {statement.LineOf(e.Position)}: {refusal.Message}",
                refusal.Hint,
                e
            );
        }
    }
}
