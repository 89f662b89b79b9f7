using System.Text.Json;
using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Convergence;

/// <summary>
/// What has arrived up to a point in time: the last entry of the overwrite log, and the last winner of each other node.
/// </summary>
/// <param name="Overwrites">The entry's id; 0 when the log is empty.</param>
/// <param name="Nodes">NodeIDs of the nodes that sent winners.</param>
/// <param name="Numbers">The number of each node's last winner.</param>
internal sealed record Arrivals(long Overwrites, int[] Nodes, long[] Numbers)
{
    private const int MostUnfinished = 1000;

    /// <summary>
    /// The keys that have been waiting for their row or announcement since all was decided, JSON; null before that.
    /// </summary>
    private string? unfinished;

    /// <summary>Reads what has arrived so far.</summary>
    public static async Task<Arrivals> ReadAsync(NpgsqlConnection announcing, int self, CancellationToken cancel)
    {
        var last = (
            await announcing.QueryAsync<(int? Node, long Number)>(
                new CommandDefinition(SqlFile.Read("Convergence/read_arrivals.sql"), new { node = self }, cancellationToken: cancel)
            )
        ).AsList();
        var winners = last.FindAll(entry => entry.Node is not null);
        return new Arrivals(
            last.Find(entry => entry.Node is null).Number,
            [.. winners.Select(winner => winner.Node!.Value)],
            [.. winners.Select(winner => winner.Number)]
        );
    }

    /// <summary>
    /// Whether all of it has been processed: decided, and every row written and every winner announced that had to be
    /// when the last of it was decided. A key that became contested since may wait: in a storm some key always does.
    /// </summary>
    public async Task<bool> AreProcessedAsync(NpgsqlConnection announcing, int self, CancellationToken cancel)
    {
        var waiting = await announcing.ExecuteScalarAsync<string?>(
            new CommandDefinition(
                SqlFile.Read("Convergence/read_processed.sql"),
                new
                {
                    node = self,
                    overwrites = Overwrites,
                    nodes = Nodes,
                    numbers = Numbers,
                    keys = unfinished,
                    most = MostUnfinished + 1,
                },
                cancellationToken: cancel
            )
        );
        if (waiting is null)
            return false;
        var count = JsonSerializer.Deserialize<string[][]>(waiting)!.Length;
        // More are not remembered: they are read once more when fewer are left.
        if (count <= MostUnfinished)
            unfinished = waiting;
        return count == 0;
    }
}
