using System.Globalization;
using System.Net;
using Npgsql;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// Tables are added while clients write to them without a pause and arbiters are killed: on every peer the rows of each
/// client and table are one gapless run up to the last, starting at the same row on all peers, and no row written after
/// the commit's 200 is missing.
/// </summary>
public sealed class S03_WritersNeverStop
{
    private const int Clients = 4;

    private static readonly int Tables = Tier.IsAll ? 20 : 8;

    [Fact]
    [Trait("Tier", "turn")]
    public async Task TablesAddedUnderWriters_ArbitersKilled_NoHoleAndOneStart()
    {
        await using var mesh = await TestMesh.StartFullAsync(16, 17, 18);
        for (var table = 0; table < Tables; table++)
            await mesh.EverywhereAsync($"CREATE TABLE t{table} (client int, n int, PRIMARY KEY (client, n))");

        using var stop = new CancellationTokenSource();
        var written = new int[Clients];
        var begun = new int[Clients];
        var writers = Enumerable
            .Range(0, Clients)
            .Select(client => Task.Run(() => WriteAsync(mesh[0], client, begun, written, stop.Token)))
            .ToList();
        var random = new Random(20);

        // What each client had begun to write to every table when the commit of a table was answered: all later rows
        // must arrive.
        var begunBefore = new int[Tables][];
        for (var table = 0; table < Tables; table++)
        {
            var killed =
                table % 2 == 0
                    ? KillSoonAsync(mesh[table / 2 % 3].Arbiter, TimeSpan.FromMilliseconds(random.Next(400)))
                    : Task.CompletedTask;
            await OpenAsync(mesh, table);
            begunBefore[table] = [.. begun];
            await killed;
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);

        for (var table = 0; table < Tables; table++)
        {
            var runs = new List<string>();
            foreach (var peer in mesh.Nodes.Skip(1))
            {
                await AwaitLastRowsAsync(mesh, peer, table, written);
                runs.Add(await peer.TextAsync($"SELECT client, min(n), max(n), count(*) FROM t{table} GROUP BY client ORDER BY client"));
            }

            Assert.Equal(runs[0], runs[1]);
            var clients = runs[0]
                .Split('\n')
                .Select(line => line.Split('|').Select(field => int.Parse(field, CultureInfo.InvariantCulture)).ToArray())
                .ToList();
            Assert.Equal(Clients, clients.Count);
            foreach (var run in clients)
            {
                var (client, start, end, count) = (run[0], run[1], run[2], run[3]);
                Assert.Equal(end - start + 1, count);
                Assert.Equal(written[client], end);
                Assert.True(
                    start <= begunBefore[table][client] + 1,
                    $"t{table}, client {client}: starts at {start}, but the commit was answered when {begunBefore[table][client]} was the "
                        + "last that had begun."
                );
            }
        }
    }

    /// <summary>One transaction after the other, each with a row for every table.</summary>
    private static async Task WriteAsync(MeshNode node, int client, int[] begun, int[] written, CancellationToken stop)
    {
        await using var connection = await node.OpenAsync();
        var statements = string.Concat(Enumerable.Range(0, Tables).Select(table => $"INSERT INTO t{table} VALUES ($1, $2);"));
        while (!stop.IsCancellationRequested)
        {
            await using var batch = new NpgsqlBatch(connection);
            var next = written[client] + 1;
            Volatile.Write(ref begun[client], next);
            foreach (var statement in statements.Split(';', StringSplitOptions.RemoveEmptyEntries))
                batch.BatchCommands.Add(
                    new NpgsqlBatchCommand(statement)
                    {
                        Parameters =
                        {
                            new() { Value = client },
                            new() { Value = next },
                        },
                    }
                );
            await batch.ExecuteNonQueryAsync(CancellationToken.None);
            Volatile.Write(ref written[client], next);

            // Always somewhere in a commit or between two, but not so many rows that all the machine does is to apply
            // them.
            await Task.Delay(2, CancellationToken.None);
        }
    }

    /// <summary>Kills an arbiter at some moment of the commit, the one that commits or a peer's, and starts it
    /// again.</summary>
    private static async Task KillSoonAsync(ArbiterProcess arbiter, TimeSpan after)
    {
        await Task.Delay(after);
        await arbiter.KillAsync();
        await arbiter.StartAsync();
    }

    /// <summary>Stages and commits as a script that does not give up: calls that an arbiter's death cuts off are made
    /// again.</summary>
    private static async Task OpenAsync(TestMesh mesh, int table)
    {
        var path = $"/v1/arbiter/replicaset/public.t{table}";
        await Eventually.TrueAsync(
            $"t{table} is staged",
            async () => await CodeAsync(() => mesh[0].Api.PutAsync(path)) is HttpStatusCode.Created or HttpStatusCode.OK,
            mesh.Diagnose
        );
        await Eventually.TrueAsync(
            $"t{table} is committed",
            async () => await CodeAsync(() => mesh[0].Api.PatchAsync("/v1/arbiter/replicaset")) == HttpStatusCode.OK,
            mesh.Diagnose
        );
    }

    private static async Task<HttpStatusCode?> CodeAsync(Func<Task<Answer>> call)
    {
        try
        {
            return (await call()).Status;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static async Task AwaitLastRowsAsync(TestMesh mesh, MeshNode peer, int table, int[] written)
    {
        var missing =
            $"SELECT count(*) FROM t{table} WHERE (client, n) IN ({string.Join(", ", written.Select((n, client) => $"({client}, {n})"))})";
        await Eventually.TrueAsync(
            $"the last rows of t{table} are on node {peer.Id}",
            async () => await peer.ScalarAsync<long>(missing) == Clients,
            mesh.Diagnose
        );
    }
}
