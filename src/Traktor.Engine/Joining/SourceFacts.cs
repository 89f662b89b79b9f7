using System.Text.Json;
using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Joining;

/// <summary>A node that rows are copied from, and the mesh as it sees it.</summary>
/// <param name="Encoding">The database's encoding.</param>
/// <param name="CanRead">Whether the session's role may read what is copied of Traktor's own tables.</param>
/// <param name="Peers">The nodes that it receives from, with their connection strings.</param>
/// <param name="SendsTo">The nodes that receive from it.</param>
/// <param name="Unsettled">Tables whose opening or removal is not over.</param>
/// <param name="Lacking">Tables whose rows it does not all have.</param>
/// <param name="Tables">The tables of its replicaset.</param>
internal sealed record SourceFacts(
    string Encoding,
    bool CanRead,
    IReadOnlyList<SourcePeer> Peers,
    IReadOnlyList<int> SendsTo,
    IReadOnlyList<string> Unsettled,
    IReadOnlyList<string> Lacking,
    IReadOnlyList<TableName> Tables
)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Reads the facts. Npgsql's exceptions propagate.</summary>
    public static async Task<SourceFacts> ReadAsync(NpgsqlConnection source, CancellationToken cancel) =>
        JsonSerializer.Deserialize<SourceFacts>(
            (
                await source.QuerySingleAsync<string>(
                    new CommandDefinition(SqlFile.Read("Joining/read_source.sql"), cancellationToken: cancel)
                )
            )!,
            Json
        )!;
}

/// <summary>A node that the source receives from.</summary>
/// <param name="Node">NodeID.</param>
/// <param name="ConnectionString">Its connection string, with secrets.</param>
internal sealed record SourcePeer(int Node, string ConnectionString);
