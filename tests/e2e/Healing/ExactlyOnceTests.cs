using Npgsql;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;
using Traktor.Engine.Healing;

namespace Traktor.E2ETests.Healing;

/// <summary>The arbiter is killed between any two steps of a heal, and goes on where it was.</summary>
public sealed class ExactlyOnceTests
{
    private const int Claims = 30;

    [Theory]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(18)]
    [InlineData(17, 3)]
    public async Task Heal_KilledAtEveryPoint_NothingIsLostOrRepeated(int major, int nodes = 2)
    {
        await using var mesh = await TestMesh.StartFullAsync([.. Enumerable.Repeat(major, nodes)]);
        await AuditedTable.CreateAsync(mesh);
        var acknowledged = new List<string>();
        var first = 1;
        string[] points =
        [
            FaultPoint.Disabled, FaultPoint.OriginHeld, FaultPoint.Read, FaultPoint.RowsWritten, FaultPoint.RowsWritten + ":7", FaultPoint.BeforeCommit, FaultPoint.BeforeCommit + ":11",
            FaultPoint.Committed, FaultPoint.OriginReleased, FaultPoint.Enabled,
        ];
        foreach (var point in points)
        {
            Split.Cut(mesh, 1);
            await mesh[1].Arbiter.KillAsync();
            foreach (var node in (MeshNode[])[mesh[1], mesh[0]])
            {
                await using var connection = await node.OpenAsync();
                for (var key = first; key < first + Claims; key++)
                {
                    await connection.ExecuteAsync(AuditedTable.Claim(key, node.Id));
                    acknowledged.Add($"{node.Id}/{key}");
                }
            }

            mesh[1].Arbiter.Environment[FaultPoint.Variable] = point;
            await mesh[1].Arbiter.StartAsync();
            Split.Heal(mesh, 1);
            await Eventually.TrueAsync($"the arbiter is killed at {point}", () => !mesh[1].Arbiter.IsRunning, mesh.Diagnose);
            mesh[1].Arbiter.Environment.Clear();
            await mesh[1].Arbiter.StartAsync();
            await AuditedTable.CheckAsync(mesh, acknowledged);
            first += Claims;
        }

        await mesh.AgreeAsync($"select count(*), count(distinct key) from trktr.history", $"{points.Length * Claims}|{points.Length * Claims}");
        await mesh.AgreeAsync("select count(*) from pg_subscription where not subenabled", "0");
        await mesh.AgreeAsync("select count(*) from trktr.subscription where healing_since is not null", "0");
    }

    /// <summary>
    /// The peer may forget what it is told is applied; so it is told only what survives a crash. Here the server flushes nothing by itself, writers go on all the while, and it is killed with its
    /// arbiter in the moment after the peer was told.
    /// </summary>
    [Fact]
    public async Task Server_KilledRightAfterThePeerWasTold_HasAllThatThePeerMayForget()
    {
        await using var mesh = await TestMesh.StartAsync([18, 18], new Dictionary<string, string> { ["wal_writer_delay"] = "10s", ["wal_writer_flush_after"] = "1GB" });
        await mesh.ConnectAllAsync();
        await AuditedTable.CreateAsync(mesh);
        var acknowledged = new List<string>();
        Split.Cut(mesh, 1);
        foreach (var node in (MeshNode[])[mesh[1], mesh[0]])
        {
            await node.ExecuteAsync(AuditedTable.Claim(1, node.Id));
            acknowledged.Add($"{node.Id}/1");
        }

        using var isOver = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            await using var connection = await mesh[0].OpenAsync();
            for (var key = 2; !isOver.IsCancellationRequested; key++)
            {
                await connection.ExecuteAsync(AuditedTable.Claim(key, 0));
                acknowledged.Add($"0/{key}");
                await Task.Delay(2);
            }
        });
        await mesh[1].Arbiter.KillAsync();
        mesh[1].Arbiter.Environment[FaultPoint.Variable] = FaultPoint.Confirmed;
        await mesh[1].Arbiter.StartAsync();
        Split.Heal(mesh, 1);
        await Eventually.TrueAsync("the peer is told, and the arbiter killed", () => !mesh[1].Arbiter.IsRunning, mesh.Diagnose);
        await mesh[1].Server.KillAsync();

        await mesh[1].Server.StartAsync();
        mesh[1].Arbiter.Environment.Clear();
        await mesh[1].Arbiter.StartAsync();
        await isOver.CancelAsync();
        await writing;
        await AuditedTable.CheckAsync(mesh, acknowledged, TimeSpan.FromSeconds(60));
    }

    [Theory]
    [InlineData(1, 16, 16, 16)]
    [InlineData(2, 17, 17, 17)]
    [InlineData(3, 18, 18, 18)]
    [InlineData(4, 16, 17, 18)]
    [InlineData(5, 15, 15, 15)]
    [InlineData(6, 15, 16, 18)]
    public async Task Storm_WithKillsAndCutLinks_NothingIsLostOrRepeated(int seed, int first, int second, int third)
    {
        await using var mesh = await TestMesh.StartFullAsync(first, second, third);
        await AuditedTable.CreateAsync(mesh);
        var acknowledged = new List<string>();
        using var isOver = new CancellationTokenSource();
        var random = new Random(seed);
        var trouble = Task.Run(() => TroubleAsync(mesh, new Random(seed), isOver.Token));
        for (var wave = 0; wave < 20; wave++)
        {
            // Apart while they write, so that the nodes claim the same keys, whatever else happens to them.
            Array.ForEach([0, 1], alone => Split.Cut(mesh, alone));
            await Task.WhenAll(mesh.Nodes.Select(node => Task.Run(() => WriteAsync(node, seed, wave, acknowledged))));
            Array.ForEach([0, 1], alone => Split.Heal(mesh, alone));
            await Task.Delay(random.Next(100, 1500));
        }

        await isOver.CancelAsync();
        await trouble;
        await AuditedTable.CheckAsync(mesh, acknowledged, TimeSpan.FromSeconds(90));
        var conflicts = await mesh[0].ScalarAsync<long>("select count(*) from trktr.history");
        Assert.True(conflicts > 1000, $"Only {conflicts} conflicts were met.");
    }

    /// <summary>Claims two thirds of 100 keys; what was acknowledged must be everywhere in the end.</summary>
    private static async Task WriteAsync(MeshNode node, int seed, int wave, List<string> acknowledged)
    {
        var random = new Random((seed * 1000) + (wave * 10) + node.Id);
        NpgsqlConnection? connection = null;
        for (var key = wave * 100; key < (wave + 1) * 100; key++)
        {
            if (random.Next(3) == 0)
                continue;
            try
            {
                connection ??= await node.OpenAsync();
                await connection.ExecuteAsync(AuditedTable.Claim(key, node.Id));
                lock (acknowledged)
                    acknowledged.Add($"{node.Id}/{key}");
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
            {
                // The key is taken by now.
                await connection!.ExecuteAsync("rollback");
            }
            catch (NpgsqlException)
            {
                // The server was killed; it may have committed it or not.
                if (connection is not null)
                    await connection.DisposeAsync();
                connection = null;
            }
        }

        if (connection is not null)
            await connection.DisposeAsync();
    }

    private static async Task TroubleAsync(TestMesh mesh, Random random, CancellationToken isOver)
    {
        while (!isOver.IsCancellationRequested)
        {
            var node = mesh[random.Next(mesh.Nodes.Count)];
            switch (random.Next(4))
            {
                case 0:
                    await node.Arbiter.KillAsync();
                    await node.Arbiter.StartAsync();
                    break;
                case 1:
                    await node.Server.KillAsync(CancellationToken.None);
                    await node.Server.StartAsync(CancellationToken.None);
                    break;
                default:
                    Split.Cut(mesh, node.Id);
                    await Task.Delay(random.Next(500, 2500), CancellationToken.None);
                    Split.Heal(mesh, node.Id);
                    break;
            }

            await Task.Delay(random.Next(200, 1500), CancellationToken.None);
        }
    }
}
