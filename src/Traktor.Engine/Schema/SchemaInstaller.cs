using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Schema;

/// <summary>
/// Makes schema trktr, or brings it up to a release, in the caller's transaction: a kill at any point leaves it as it
/// was. Sessions that call a function while it is replaced finish with the one that they began with.
/// </summary>
/// <param name="scripts">The scripts of the release.</param>
public sealed class SchemaInstaller(SchemaScripts scripts)
{
    // Locks are not waited for long, since whoever comes later waits behind them: the arbiter tries again. Names in
    // functions and views are resolved without the schemas of others.
    private const string Settings = "set local lock_timeout = '3s'; set local search_path = pg_catalog, pg_temp";

    /// <summary>Waits until no other arbiter installs, and keeps others from it until the end of the transaction.</summary>
    public static Task LockAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.ExecuteAsync(new CommandDefinition($"select pg_advisory_xact_lock({AdvisoryLocks.Schema})", cancellationToken: cancel));

    /// <summary>
    /// Runs the migrations after <paramref name="installed"/>, installs the any-time scripts that are not installed
    /// with this text, and drops what scripts of another release made that this one does not have. Under
    /// <see cref="LockAsync"/>.
    /// </summary>
    /// <param name="connection">A session in a transaction.</param>
    /// <param name="installed">The version of the schema; 0 when there is none yet.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <exception cref="RefusedException">PostgreSQL refused a statement; the message names file and line.</exception>
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
        foreach (var script in scripts.AnyTime.Where(script => hashes.GetValueOrDefault(script.Path) != script.Hash))
        {
            await RunAsync(connection, script, cancel);
            if (script.IsIn(SchemaScripts.FunctionFolder))
                await DropFunctionsAsync(connection, script, cancel);
            await connection.ExecuteAsync(
                new CommandDefinition(
                    """
                    insert into trktr.schema_script (path, hash)
                    values (@Path, @Hash)
                    on conflict (path) do update
                    set hash = excluded.hash, installed_at = clock_timestamp()
                    """,
                    script,
                    cancellationToken: cancel
                )
            );
        }

        foreach (var path in hashes.Keys.Except(scripts.AnyTime.Select(script => script.Path)).OrderDescending(StringComparer.Ordinal))
            await RemoveAsync(connection, new SchemaScript(path, ""), cancel);
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

    /// <summary>Drops a function's forms that this transaction did not write: those with the signature of another release.</summary>
    private static async Task DropFunctionsAsync(NpgsqlConnection connection, SchemaScript script, CancellationToken cancel)
    {
        var old = await connection.QueryAsync<string>(
            new CommandDefinition(
                """
                select p.oid::regprocedure::text
                from pg_proc p
                where p.pronamespace = 'trktr'::regnamespace
                  and p.proname = @Name
                  and p.xmin <> pg_current_xact_id()::xid
                """,
                new { script.Name },
                cancellationToken: cancel
            )
        );
        foreach (var function in old)
            await ExecuteAsync(connection, script, new SqlStatement(1, $"drop function {function}"), cancel);
    }

    /// <summary>Views come before functions here, in the descending order of their paths; of grants there is nothing to drop.</summary>
    private static async Task RemoveAsync(NpgsqlConnection connection, SchemaScript script, CancellationToken cancel)
    {
        if (script.IsIn(SchemaScripts.FunctionFolder))
            await DropFunctionsAsync(connection, script, cancel);
        else if (script.IsIn(SchemaScripts.ViewFolder))
            await ExecuteAsync(
                connection,
                script,
                new SqlStatement(1, $"drop view if exists {new TableName(ObjectNames.Schema, script.Name).Quoted}"),
                cancel
            );
        await connection.ExecuteAsync(
            new CommandDefinition("delete from trktr.schema_script where path = @Path", script, cancellationToken: cancel)
        );
    }

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
