using Dapper;
using Traktor.Engine.Nodes;

namespace Traktor.Engine.Owners;

/// <summary>
/// Finds routines, and makes those that are missing: in a session of its own, never in one in which code of a table's
/// owner may run.
/// </summary>
/// <param name="database">This node's database.</param>
internal sealed class Routines(Database database)
{
    private readonly Dictionary<Routine, string> names = [];

    /// <summary>The qualified name of a routine that exists. Throws what Npgsql throws.</summary>
    public async ValueTask<string> NameAsync(Routine routine, CancellationToken cancel)
    {
        if (names.TryGetValue(routine, out var known))
            return known;
        await using var connection = await database.OpenAsync(cancel);
        var made =
            await connection.ExecuteScalarAsync<string>(
                new CommandDefinition(
                    "select trktr.make_routine(@prefix, @owner::name, @kind, @arguments, @results, @body)",
                    new
                    {
                        prefix = routine.Prefix,
                        owner = routine.Owner,
                        kind = routine.Results is null ? "procedure" : "function",
                        arguments = routine.Arguments,
                        results = routine.Results,
                        body = routine.Body.ReplaceLineEndings("\n"),
                    },
                    cancellationToken: cancel
                )
            ) ?? throw new InvalidOperationException("A routine has no name.");
        return names[routine] = made;
    }

    /// <summary>Has each looked for again.</summary>
    public void Forget() => names.Clear();
}
