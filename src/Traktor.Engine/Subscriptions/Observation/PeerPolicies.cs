using System.Text.Json;
using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Subscriptions.Observation;

/// <summary>A node's policies, read from its own tables.</summary>
/// <param name="Tables">The policy of each table of its replicaset.</param>
/// <param name="Priorities">The priorities that are set there; other nodes rank by NodeID.</param>
public sealed record PeerPolicies(IReadOnlyDictionary<TableName, string> Tables, IReadOnlyDictionary<int, int> Priorities)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>
    /// Reads the policies; empty for a node of a release without them, or that our role may not read. Npgsql's
    /// exceptions propagate.
    /// </summary>
    public static async Task<PeerPolicies> ReadAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        try
        {
            var row = JsonSerializer.Deserialize<Row>(
                (
                    await connection.QuerySingleAsync<string>(
                        new CommandDefinition(SqlFile.Read("Subscriptions/Observation/read_policies.sql"), cancellationToken: cancel)
                    )
                )!,
                Json
            )!;
            return new PeerPolicies(
                row.Tables.ToDictionary(table => new TableName(table.Schema, table.Name), table => table.Policy),
                row.Priorities.ToDictionary(rank => rank.Node, rank => rank.Priority)
            );
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InsufficientPrivilege)
        {
            return new PeerPolicies(new Dictionary<TableName, string>(), new Dictionary<int, int>());
        }
    }

    private sealed record Row(IReadOnlyList<TableRow> Tables, IReadOnlyList<RankRow> Priorities);

    private sealed record TableRow(string Schema, string Name, string Policy);

    private sealed record RankRow(int Node, int Priority);
}
