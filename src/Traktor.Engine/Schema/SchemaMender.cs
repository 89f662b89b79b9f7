using System.Text.RegularExpressions;
using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Schema;

/// <summary>
/// Gives schema trktr back what someone has dropped: tables, columns, constraints, indexes, sequences, rows that must
/// exist, publications. It creates the tables anew beside the schema and compares. What was in a dropped table is lost;
/// everything that is there stays. Functions, views and grants are installed by <see cref="SchemaInstaller"/>.
/// </summary>
/// <param name="scripts">The scripts of the release.</param>
public sealed partial class SchemaMender(SchemaScripts scripts)
{
    private const string Expected = "trktr_expected";

    /// <summary>
    /// Mends the schema of this release's version. Requires <see cref="SchemaInstaller.LockAsync"/> and a transaction.
    /// Throws what Npgsql throws.
    /// </summary>
    /// <returns>What was missing, each in words.</returns>
    public async Task<IReadOnlyList<string>> MendAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var statements = scripts
            .Migrations.SelectMany(script => SqlStatements.Split(script.Text))
            .Select(statement => statement.Text)
            .ToList();
        var mended = new List<string>();
        if (!await connection.ExecuteScalarAsync<bool>(Command("select to_regnamespace('trktr_routine') is not null", cancel)))
            await RunAsync("schema trktr_routine", string.Join(';', statements.Where(IsOfRoutineSchema)));
        await connection.ExecuteAsync(Command($"create schema {Expected}", cancel));
        foreach (var statement in statements.Where(IsOfTables))
            await connection.ExecuteAsync(Command(Schema().Replace(statement, $"{Expected}."), cancel));
        foreach (var (what, statement) in await FindAsync("Schema/Mending/find_missing.sql"))
            await RunAsync(what, statement);
        await connection.ExecuteAsync(Command($"drop schema {Expected} cascade", cancel));

        foreach (var statement in statements.Where(statement => statement.StartsWith("insert ", StringComparison.Ordinal)))
            if (await connection.ExecuteAsync(Command($"{statement} on conflict do nothing", cancel)) > 0)
                mended.Add($"rows of {Table().Match(statement).Value}");
        if (mended.Contains("sequence trktr.winner_seq"))
            foreach (var statement in statements.Where(statement => statement.StartsWith("select setval", StringComparison.Ordinal)))
                await connection.ExecuteAsync(Command(statement, cancel));
        if (mended.Contains("sequence trktr.history_revision"))
            await connection.ExecuteAsync(
                Command("select setval('trktr.history_revision', coalesce(max(revision), 0) + 1) from trktr.history", cancel)
            );
        foreach (var statement in statements)
            if (
                Publication().Match(statement) is { Success: true } publication
                && !await connection.ExecuteScalarAsync<bool>(
                    new CommandDefinition(
                        "select exists (select from pg_publication where pubname = @name)",
                        new { name = publication.Groups[1].Value },
                        cancellationToken: cancel
                    )
                )
            )
                await RunAsync($"publication {publication.Groups[1].Value}", statement);
        foreach (var (what, statement) in await FindAsync("Schema/Mending/find_unpublished.sql"))
            await RunAsync(what, statement);
        return mended;

        async Task<List<(string, string)>> FindAsync(string file) =>
            (await connection.QueryAsync<(string, string)>(Command(SqlFile.Read(file), cancel))).AsList();

        async Task RunAsync(string what, string statement)
        {
            await connection.ExecuteAsync(Command(statement, cancel));
            mended.Add(what);
        }
    }

    private static CommandDefinition Command(string text, CancellationToken cancel) => new(text, cancellationToken: cancel);

    private static bool IsOfRoutineSchema(string statement) => statement.Contains("schema trktr_routine", StringComparison.Ordinal);

    private static bool IsOfTables(string statement) => !IsOfRoutineSchema(statement) && TableStatement().IsMatch(statement);

    [GeneratedRegex("^(create (table|index|unique index|sequence)|alter table) ")]
    private static partial Regex TableStatement();

    [GeneratedRegex(@"^create publication (\w+) ")]
    private static partial Regex Publication();

    [GeneratedRegex(@"\btrktr\.")]
    private static partial Regex Schema();

    [GeneratedRegex(@"trktr\.\w+")]
    private static partial Regex Table();
}
