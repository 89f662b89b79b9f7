using System.Text.Json;
using Dapper;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Comparisons.Proofs;

/// <summary>
/// What this node knows of equal tables, in <c>trktr.table_proof</c>. A proof closes the records in <c>trktr.resync</c>
/// that the comparison saw before it began with the table: no clock decides which.
/// </summary>
public sealed class ProofStore(LocalNode local)
{
    /// <summary>The most tables of a call.</summary>
    public const int MostTables = 500;

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Notes equal tables on this node. Doing it twice is the same as once.</summary>
    /// <exception cref="RefusedException">Malformed: too many tables, or names that are none; Unavailable.</exception>
    public async Task<NotedProofs> NoteAsync(EqualTables equal, CancellationToken cancel)
    {
        if (equal.Tables.Count > MostTables)
            throw RefusedException.Malformed($"tables must have at most {MostTables} elements.");
        if (equal.Nodes.Count < 2)
            throw RefusedException.Malformed("nodes must be the two or more nodes that were compared.");
        var names = equal.Tables.Select(table => TableName.Parse(table.Relation)).ToList();
        await local.AskAsync(
            connection =>
                connection.ExecuteAsync(
                    new CommandDefinition(
                        SqlFile.Read("Comparisons/Proofs/note_proofs.sql"),
                        new
                        {
                            schemas = names.Select(name => name.Schema).ToArray(),
                            names = names.Select(name => name.Name).ToArray(),
                            times = equal.Tables.Select(table => table.ProvenAt.UtcDateTime).ToArray(),
                            rows = equal.Tables.Select(table => table.Rows).ToArray(),
                            resync = equal.Tables.SelectMany(table => table.Resync).ToArray(),
                            nodes = equal.Nodes.Distinct().Order().ToArray(),
                            node = equal.Node,
                            comparison = equal.Comparison,
                        },
                        cancellationToken: cancel
                    )
                ),
            cancel
        );
        return new NotedProofs(local.NodeId, names.Count);
    }

    /// <summary>The tables that a comparison of this node has proven to be equal.</summary>
    internal Task<IReadOnlyList<EqualTable>> ReadAsync(long comparison, CancellationToken cancel) =>
        local.AskAsync<IReadOnlyList<EqualTable>>(
            async connection =>
                [
                    .. JsonSerializer
                        .Deserialize<IReadOnlyList<Row>>(
                            (
                                await connection.QuerySingleAsync<string>(
                                    new CommandDefinition(
                                        SqlFile.Read("Comparisons/Proofs/read_proven.sql"),
                                        new { id = comparison },
                                        cancellationToken: cancel
                                    )
                                )
                            )!,
                            Json
                        )!
                        .Select(row => new EqualTable(new TableName(row.Schema, row.Name).ToString(), row.ProvenAt, row.Rows, row.Resync)),
                ],
            cancel
        );

    private sealed record Row(string Schema, string Name, DateTimeOffset ProvenAt, long Rows, IReadOnlyList<Guid> Resync);
}
