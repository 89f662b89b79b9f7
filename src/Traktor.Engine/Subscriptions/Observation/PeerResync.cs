using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;
using Traktor.Engine.Publications;

namespace Traktor.Engine.Subscriptions.Observation;

/// <summary>A table of which this node may lack rows, as a peer has it on record.</summary>
/// <param name="Table">The table.</param>
/// <param name="Mark">The peer's record.</param>
public sealed record PeerResync(TableName Table, ResyncMark Mark)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>
    /// Reads what <paramref name="node"/> may lack of the connected peer's rows; nothing from a node of a release
    /// without that record, or where our role may not read it. Npgsql's exceptions propagate.
    /// </summary>
    public static async Task<IReadOnlyList<PeerResync>> ReadAsync(NpgsqlConnection peer, int node, CancellationToken cancel)
    {
        try
        {
            var rows = JsonSerializer.Deserialize<IReadOnlyList<Row>>(
                (
                    await peer.QuerySingleAsync<string>(
                        new CommandDefinition(
                            SqlFile.Read("Subscriptions/Observation/read_resync.sql"),
                            new { node },
                            cancellationToken: cancel
                        )
                    )
                )!,
                Json
            )!;
            return [.. rows.Select(row => new PeerResync(new TableName(row.Schema, row.Name), row.Mark))];
        }
        catch (PostgresException e)
            when (e.SqlState
                    is PostgresErrorCodes.UndefinedTable
                        or PostgresErrorCodes.UndefinedColumn
                        or PostgresErrorCodes.InsufficientPrivilege
            )
        {
            return [];
        }
    }

    private sealed record Row(string Schema, string Name, ResyncMark Mark);
}
