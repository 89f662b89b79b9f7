using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Convergence;

/// <summary>What has arrived up to a moment: the overwrite log's last entry, and of each other node the last outcome.</summary>
/// <param name="Overwrites">The entry's id; 0 when there is none.</param>
/// <param name="Nodes">NodeIDs of those that sent winners.</param>
/// <param name="Numbers">The number of the last of each.</param>
internal sealed record Arrivals(long Overwrites, int[] Nodes, long[] Numbers)
{
    /// <summary>What has arrived by now.</summary>
    public static async Task<Arrivals> ReadAsync(NpgsqlConnection announcing, int self, CancellationToken cancel)
    {
        var overwrites = await announcing.ExecuteScalarAsync<long>(
            new CommandDefinition("select coalesce(max(id), 0) from trktr.overwrite_log", cancellationToken: cancel)
        );
        var winners = (
            await announcing.QueryAsync<(int Node, long Seq)>(
                new CommandDefinition(
                    "select node_id, max(seq) from trktr.winner where node_id < @node or node_id > @node group by node_id",
                    new { node = self },
                    cancellationToken: cancel
                )
            )
        ).AsList();
        return new Arrivals(overwrites, [.. winners.Select(last => last.Node)], [.. winners.Select(last => last.Seq)]);
    }

    /// <summary>Whether nothing of it is left, and nothing is unapplied or unsent.</summary>
    public Task<bool> AreDigestedAsync(NpgsqlConnection announcing, int self, CancellationToken cancel) =>
        announcing.ExecuteScalarAsync<bool>(
            new CommandDefinition(
                SqlFile.Read("Convergence/read_processed.sql"),
                new
                {
                    node = self,
                    overwrites = Overwrites,
                    nodes = Nodes,
                    numbers = Numbers,
                },
                cancellationToken: cancel
            )
        );
}
