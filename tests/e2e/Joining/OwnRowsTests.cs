using System.Globalization;
using Npgsql;
using Traktor.E2ETests.Comparisons;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Joining;

/// <summary>
/// Where each node writes rows of its own, every node has what its owner wrote last: no change arrives twice, none is
/// missing, and no copied row takes the place of a later change.
/// </summary>
public sealed class OwnRowsTests
{
    [Theory]
    [Trait("Tier", "turn")]
    [InlineData(18, 16, 17)]
    [TierAll(16, 18, 16)]
    public async Task Join_WhereEachNodeWritesItsOwnRows_EndsWithWhatEachWroteLast(int first, int second, int joining)
    {
        await using var mesh = await TestMesh.StartFullAsync(first, second);
        const string Tables = "create table own_0 (id int primary key, v int, pad text); create table own_1 (like own_0 including all)";
        await mesh.EverywhereAsync(Tables);
        await mesh.ReplicateAllAsync("public.own_0", "public.own_1");
        foreach (var node in mesh.Nodes)
            await node.ExecuteAsync($"insert into own_{node.Id} select n, 0, repeat('x', 200) from generate_series(1, 30000) n");
        await mesh.AgreeAsync("select (select count(*) from own_0) + (select count(*) from own_1)", "60000");
        await (await mesh.AddNodeAsync(joining)).ExecuteAsync(Tables);
        await using (var one = new OwnRows(mesh[0]))
        await using (var other = new OwnRows(mesh[1]))
        {
            var report = await mesh.JoinedAsync(await mesh.JoinAsync());
            Assert.True((int)report["task"]!["result"]!["equal"]! == 2, report.ToString());
            await mesh.AgreeAsync(OwnRows.Sums(0), await one.StopAsync());
            await mesh.AgreeAsync(OwnRows.Sums(1), await other.StopAsync());
        }

        await mesh.RestAsync();
        // What arrives of rows that have no stamp is announced, and may cross a later change; but no change arrives
        // twice.
        foreach (var node in mesh.Nodes)
            Assert.Equal(
                "",
                await node.TextAsync(
                    "select relation, key, peer from trktr.history where conflict_type in ('insert_exists', 'apply_error')"
                )
            );
        Assert.Equal("0", await mesh[2].TextAsync("select count(*) from pg_replication_origin where roname ~ 'copy'"));
    }

    /// <summary>A session that inserts, updates and deletes rows of its node, and knows what must be there.</summary>
    private sealed class OwnRows : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = new();
        private readonly Dictionary<int, int> rows = Enumerable.Range(1, 30000).ToDictionary(id => id, _ => 0);
        private readonly Task loop;

        public OwnRows(MeshNode node) => loop = Task.Run(() => WriteAsync(node));

        public static string Sums(int node) =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"select format('%s/%s/%s', count(*), sum(v), sum(id::bigint * (v + 1) % 1000003)) from own_{node}"
            );

        public async Task<string> StopAsync()
        {
            await stop.CancelAsync();
            await loop;
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{rows.Count}/{rows.Values.Sum(v => (long)v)}/{rows.Sum(row => (long)row.Key * (row.Value + 1) % 1000003)}"
            );
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            stop.Dispose();
        }

        private async Task WriteAsync(MeshNode node)
        {
            var random = new Random(node.Id);
            await using var connection = await node.OpenAsync();
            for (var n = 1; !stop.IsCancellationRequested; n++)
            {
                var id = random.Next(1, 30000);
                var (sql, change) = (n % 4) switch
                {
                    0 => ($"insert into own_{node.Id} values ({30000 + n}, {n}, 'new')", () => rows[30000 + n] = n),
                    1 when rows.ContainsKey(id) => ($"delete from own_{node.Id} where id = {id}", () => rows.Remove(id)),
                    _ => (
                        $"update own_{node.Id} set v = {n} where id = {id}",
                        (Action)(
                            () =>
                            {
                                if (rows.ContainsKey(id))
                                    rows[id] = n;
                            }
                        )
                    ),
                };
                await using var command = new NpgsqlCommand(sql, connection);
                await command.ExecuteNonQueryAsync();
                change();
                await Task.Delay(1);
            }
        }
    }
}
