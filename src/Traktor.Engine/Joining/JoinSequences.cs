using Dapper;
using Npgsql;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Tasks;

namespace Traktor.Engine.Joining;

/// <summary>
/// Sets this node's sequences beyond the numbers that the copied rows have. They are not replicated: which numbers each
/// node gives is the operator's to say.
/// </summary>
internal sealed class JoinSequences(LocalNode local, JoinMesh mesh)
{
    /// <summary>Sets those of the copied tables' columns.</summary>
    /// <exception cref="SnapshotLostException">The snapshot is gone.</exception>
    public async Task SetAsync(TaskRun run, JoinPeer source, string snapshot, IReadOnlyList<CopiedTable> tables, CancellationToken cancel)
    {
        string there;
        await using (var session = await SourceSession.OpenAsync(mesh.At(source), snapshot, cancel))
            there = await ReadAsync(session.Connection, tables, cancel);
        try
        {
            var set = await local.AskAsync(
                async connection =>
                    (
                        await connection.QueryAsync<string>(
                            new CommandDefinition(
                                SqlFile.Read("Joining/set_sequences.sql"),
                                new { values = there },
                                cancellationToken: cancel
                            )
                        )
                    ).AsList(),
                cancel
            );
            if (set.Count > 0)
                await run.LogAsync(
                    $"Sequences are set beyond the copied rows: {string.Join(", ", set)}. Give this node numbers that no other node gives.",
                    cancel
                );
        }
        catch (RefusedException e) when (e.Kind is not RefusalKind.Unavailable)
        {
            await run.LogAsync($"Sequences are left as they are: {e.Message}", cancel);
        }
    }

    private static async Task<string> ReadAsync(NpgsqlConnection connection, IReadOnlyList<CopiedTable> tables, CancellationToken cancel) =>
        await connection.ExecuteScalarAsync<string>(
            new CommandDefinition(
                SqlFile.Read("Joining/read_sequences.sql"),
                new { schemas = tables.Select(table => table.Schema).ToArray(), names = tables.Select(table => table.Name).ToArray() },
                cancellationToken: cancel
            )
        ) ?? "[]";
}
