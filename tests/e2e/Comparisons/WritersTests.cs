using System.Globalization;
using Npgsql;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;
using Traktor.Engine;

namespace Traktor.E2ETests.Comparisons;

/// <summary>
/// While everybody writes, a comparison finds what is different and calls nothing different that is on its way.
/// </summary>
public sealed class WritersTests
{
    private const string Item = "public.item";

    [Theory]
    [Trait("Tier", "turn")]
    [InlineData(2, 18, 18)]
    [TierAll(20, 18, 18, 18)]
    [TierAll(20, 16, 17, 18)]
    [TierAll(5, 15, 18)]
    public async Task Comparison_UnderWriters_FindsThePlantedDifferenceAndNoOther(int runs, params int[] majors)
    {
        await using var mesh = await StartAsync(majors);
        await mesh[1].PlantAsync("update item set pad = 'planted' where id = -1");
        await using var writers = new Writers(mesh);
        for (var run = 0; run < runs; run++)
        {
            var id = await mesh[run % majors.Length].CompareAsync();
            var comparison = await mesh[run % majors.Length].ComparedAsync(id);
            var found = await mesh[run % majors.Length].DifferencesAsync(id);
            Assert.True(
                (int)comparison.Table(Item)["different"]! == 1
                    && found.Where(difference => (string?)difference["verdict"] == "different").Select(Key).SequenceEqual(["-1"]),
                $"Run {run}: {comparison}\n{string.Join('\n', found.Select(difference => difference.ToJsonString()))}\n{mesh.Diagnose()}"
            );
        }

        Assert.True(await writers.StopAsync() > runs * 100);
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Arbiter_KilledInTheMiddle_GoesOn_AndACancelledComparisonLeavesNothing()
    {
        await using var mesh = await StartAsync(18, 18);
        await mesh[0].ExecuteAsync("insert into item select n, 0, 'more' from generate_series(10001, 40000) n");
        await mesh.AgreeAsync("select count(*) from item where pad = 'more'", "30000");
        await mesh[1].PlantAsync("update item set pad = 'planted' where id in (10002, 39999); delete from item where id = 20000");
        await mesh[0].Arbiter.KillAsync();
        mesh[0].Arbiter.Environment[FaultPoint.Variable] = $"{FaultPoint.RangeCompared}:2";
        await mesh[0].Arbiter.StartAsync();
        var id = await mesh[0].CompareAsync();
        await Eventually.TrueAsync("the arbiter is killed", () => !mesh[0].Arbiter.IsRunning, mesh.Diagnose);
        var before = await mesh[0].TextAsync("select state, begun from trktr.task");
        Assert.Equal("running|1", before);
        var reached = await mesh[0].ScalarAsync<long>("select row_count from trktr.comparison_table");
        Assert.InRange(reached, 5001, 30_000);
        mesh[0].Arbiter.Environment.Remove(FaultPoint.Variable);
        await mesh[0].Arbiter.StartAsync();
        var comparison = await mesh[0].ComparedAsync(id);
        Assert.Equal((3, 32001), ((int)comparison.Table(Item)["different"]!, (int)comparison.Table(Item)["rows"]!));
        Assert.Equal(["10002", "20000", "39999"], (await mesh[0].DifferencesAsync(id)).Select(Key).Order());
        Assert.Equal("succeeded|2", await mesh[0].TextAsync("select state, begun from trktr.task"));

        // What is on its way is waited for, however long it takes, and is not different.
        (await mesh[1].Api.PostAsync("/v1/arbiter/subscription/0/pause")).Expect(200);
        await mesh[0].ExecuteAsync("update item set pad = 'late' where id between 1 and 100; delete from item where id = 101");
        id = await mesh[0].CompareAsync();
        await AwaitWaitAsync(mesh, id, "Node 1 has not applied yet what node 0 wrote.");
        Assert.Equal("0", await mesh[0].TextAsync("select count(*) from trktr.comparison_key where verdict is not null and task_id = 2"));
        (await mesh[1].Api.PostAsync("/v1/arbiter/subscription/0/resume")).Expect(200);
        comparison = await mesh[0].ComparedAsync(id);
        Assert.Equal((3, 0), ((int)comparison.Table(Item)["different"]!, (int)comparison.Table(Item)["in_flight"]!));

        // A peer that does not answer is waited for; meanwhile the comparison can be cancelled.
        await mesh[1].Arbiter.KillAsync();
        id = await mesh[0].CompareAsync(new { share = 1 });
        var next = await mesh[0].CompareAsync();
        var path = string.Create(CultureInfo.InvariantCulture, $"/v1/arbiter/tasks/{id}");
        await AwaitWaitAsync(mesh, id, "node 1");
        var queued = (await mesh[0].Api.DeleteAsync(string.Create(CultureInfo.InvariantCulture, $"/v1/arbiter/tasks/{next}"))).Expect(200);
        Assert.Equal("cancelled", (string?)queued.Json["task"]!["state"]);
        (await mesh[0].Api.DeleteAsync(path)).Expect(200);
        var report = (await mesh[0].Api.GetAsync(path + "?wait=60")).Expect(200).Json;
        Assert.Equal("cancelled", (string?)report["task"]!["state"]);
        await mesh[0]
            .AwaitTextAsync(
                string.Create(CultureInfo.InvariantCulture, $"select count(*) from trktr.comparison_table where task_id = {id}"),
                "0"
            );
        await mesh[0]
            .AwaitTextAsync(
                "select count(*) from pg_stat_activity where application_name in ('traktor_0_tasks', 'traktor_0_compare')",
                "0"
            );
        await mesh[1].Arbiter.StartAsync();
    }

    private static Task AwaitWaitAsync(TestMesh mesh, long id, string why) =>
        Eventually.TrueAsync(
            $"task {id} waits for: {why}",
            async () =>
                (string?)
                    (await mesh[0].Api.GetAsync(string.Create(CultureInfo.InvariantCulture, $"/v1/arbiter/tasks/{id}"))).Json["task"]![
                        "waits_for"
                    ]
                    is { } waits
                && waits.Contains(why, StringComparison.Ordinal),
            mesh.Diagnose
        );

    private static string Key(System.Text.Json.Nodes.JsonNode difference) => (string)difference["key"]!["id"]!;

    private static async Task<TestMesh> StartAsync(params int[] majors)
    {
        var mesh = await TestMesh.StartFullAsync(majors);
        await mesh.EverywhereAsync("create table item (id int primary key, v int, pad text)");
        await mesh.ReplicateAllAsync(Item);
        await mesh[0].ExecuteAsync("insert into item select n, 0, repeat('x', 50) from generate_series(-1, 2000) n where n <> 0");
        await mesh.AgreeAsync("select count(*) from item", "2001");
        return mesh;
    }

    /// <summary>Two sessions on each node that insert, update and delete rows without end.</summary>
    private sealed class Writers : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = new();
        private readonly Task[] loops;
        private int count;

        public Writers(TestMesh mesh) =>
            loops = [.. mesh.Nodes.SelectMany(node => new[] { 1, 2 }.Select(seed => Task.Run(() => WriteAsync(node, seed))))];

        public async Task<int> StopAsync()
        {
            await stop.CancelAsync();
            await Task.WhenAll(loops);
            return count;
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            stop.Dispose();
        }

        private async Task WriteAsync(MeshNode node, int seed)
        {
            var random = new Random((node.Id * 10) + seed);
            await using var connection = await node.OpenAsync();
            while (!stop.IsCancellationRequested)
            {
                // Rows that one node inserts may be deleted by another; some, of each node its own, are only flipped.
                var key = random.Next(1, 2001);
                var sql = random.Next(10) switch
                {
                    0 => $"delete from item where id = {key}",
                    1 or 2 => $"insert into item values ({key}, {random.Next(9)}, 'again') on conflict do nothing",
                    3 or 4 => $"update item set v = 1 - v where id = {(node.Id * 5) + (key % 5) + 1}",
                    _ => $"update item set v = {random.Next(1000)} where id = {key}",
                };
                try
                {
                    await using var command = new NpgsqlCommand(sql, connection);
                    await command.ExecuteNonQueryAsync();
                    Interlocked.Increment(ref count);
                }
                catch (PostgresException e)
                    when (e.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure)
                {
                    // The apply worker was in the way.
                }

                await Task.Delay(2);
            }
        }
    }
}
