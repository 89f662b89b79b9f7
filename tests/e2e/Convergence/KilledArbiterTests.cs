using Traktor.E2ETests.Healing;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;
using Traktor.Engine;

namespace Traktor.E2ETests.Convergence;

/// <summary>Arbiters that are killed while they bring the rows of nodes that were apart together.</summary>
public sealed class KilledArbiterTests
{
    [Fact]
    [Trait("Tier", "all")]
    public async Task Arbiters_KilledWhileTheyResolve_EndEqual()
    {
        await using var mesh = await TestMesh.StartFullAsync(16, 17, 18);
        await mesh.ReplicateAsync(
            "public.\"Accounts\"",
            "create table public.\"Accounts\" (\"Id\" integer primary key, balance numeric, note text)"
        );
        await mesh[0].ExecuteAsync("insert into public.\"Accounts\" select i, 0, '' from generate_series(1, 300) i");
        await AwaitEqualAsync(mesh);
        Split.CutAll(mesh);
        foreach (var node in mesh.Nodes)
            for (var part = 0; part < 30; part++)
                await node.ExecuteAsync(
                    $"update public.\"Accounts\" set balance = {node.Id}, note = 'part {part}' where \"Id\" % 30 = {part}"
                );
        Split.HealAll(mesh);
        for (var round = 0; round < 6; round++)
        {
            var node = mesh[round % 3];
            await node.Arbiter.KillAsync();
            await node.Arbiter.StartAsync();
        }

        await AwaitEqualAsync(mesh, TimeSpan.FromSeconds(60));
        Assert.Equal("2|300", await mesh[0].TextAsync("select min(balance), count(*) from public.\"Accounts\""));
        await mesh.AgreeAsync("select count(*) from trktr.contested_key", "0");
    }

    /// <summary>
    /// Killed between any two of its transactions, the arbiter goes on where it was, and records each loss once.
    /// </summary>
    [Theory]
    [InTurn(16)]
    [InTurn(18)]
    public async Task Arbiter_KilledAtEveryPoint_GoesOnWhereItWas(int major)
    {
        // The rows, and how much of all streams has come: each node adds a row after its update.
        const string Seen = "select string_agg(distinct note, ' ') filter (where \"Id\" <= 10), count(*) from public.\"Accounts\"";
        await using var mesh = await TestMesh.StartFullAsync(major, major, major);
        await mesh.ReplicateAsync(
            "public.\"Accounts\"",
            "create table public.\"Accounts\" (\"Id\" integer primary key, balance numeric, note text)"
        );
        await mesh[0].ExecuteAsync("insert into public.\"Accounts\" select i, 0, '' from generate_series(1, 10) i");
        await AwaitEqualAsync(mesh);
        var rounds = 0;
        string[] points = [FaultPoint.KeysDecided, FaultPoint.RowsRestored, FaultPoint.KeysAnnounced];
        foreach (var point in Tier.Part(points, points.Length))
        {
            await mesh[1].Arbiter.KillAsync();
            mesh[1].Arbiter.Environment[FaultPoint.Variable] = point;
            await mesh[1].Arbiter.StartAsync();
            // What comes while a subscription is healed overwrites nothing: then once more.
            for (var end = rounds + 5; mesh[1].Arbiter.IsRunning; rounds++)
            {
                Assert.True(rounds < end, $"{point} was not reached.\n{mesh.Diagnose()}");
                await Eventually.TrueAsync(
                    "the server's own workers apply at node 1",
                    async () =>
                        !mesh[1].Arbiter.IsRunning
                        || await mesh[1].TextAsync("select count(*) from pg_stat_subscription where pid is not null and relid is null")
                            == "2",
                    mesh.Diagnose
                );
                Split.CutAll(mesh);
                // Node 1 wrote last: what arrives takes its rows away, and it has to bring them back.
                foreach (var node in (MeshNode[])[mesh[0], mesh[2], mesh[1]])
                {
                    await node.ExecuteAsync($"update public.\"Accounts\" set note = 'round {rounds}, node {node.Id}' where \"Id\" <= 10");
                    await node.ExecuteAsync($"insert into public.\"Accounts\" values ({100 + (10 * rounds) + node.Id}, 0, '')");
                }

                Split.HealAll(mesh);
                var ended = $"round {rounds}, node 1|{13 + (3 * rounds)}";
                await Eventually.TrueAsync(
                    $"the arbiter is killed at {point}, or all have all",
                    async () =>
                        !mesh[1].Arbiter.IsRunning
                        || (await Task.WhenAll(mesh.Nodes.Select(node => node.TextAsync(Seen)))).All(seen => seen == ended),
                    mesh.Diagnose
                );
            }

            mesh[1].Arbiter.Environment.Clear();
            await mesh[1].Arbiter.StartAsync();
            await AwaitEqualAsync(mesh);
            await mesh.RestAsync();
            await mesh.AgreeAsync(Seen, $"round {rounds - 1}, node 1|{10 + (3 * rounds)}");
        }

        // The healer writes a key with its values' own types, convergence as texts; a round can be of both.
        const string Twice =
            "select count(*) from (select 1 from trktr.history group by key ->> 'Id', local_row, remote_row, local_stamp, "
            + "remote_stamp having count(*) > 1) h";
        await mesh.AgreeAsync(Twice, "0");
        foreach (var loser in (int[])[0, 2])
            Assert.Equal(
                $"{10 * rounds}",
                await mesh[1]
                    .TextAsync(
                        $"select count(distinct (h.key ->> 'Id', v.note)) from trktr.history h, lateral (values (h.local_row "
                            + $"->> 'note'), (h.remote_row ->> 'note')) v (note) where v.note like '%node {loser}'"
                    )
            );
    }

    private static Task<TimeSpan> AwaitEqualAsync(TestMesh mesh, TimeSpan? atMost = null) =>
        Split.AwaitEqualAsync(mesh, "public.\"Accounts\"", atMost);
}
