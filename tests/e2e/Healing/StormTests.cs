using Npgsql;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;

namespace Traktor.E2ETests.Healing;

/// <summary>All nodes claim the same keys while arbiters and servers are killed and links are cut.</summary>
public sealed class StormTests
{
    public static TheoryData<int, int, int, int> Storms =>
        new()
        {
            { 1, 16, 16, 16 },
            { 2, 17, 17, 17 },
            { 3, 18, 18, 18 },
            { 4, 16, 17, 18 },
            { 5, 15, 15, 15 },
            { 6, 15, 16, 18 },
        };

    [Theory]
    [MemberData(nameof(Storms))]
    [Trait("Tier", "all")]
    public async Task KillsAndCutLinks_InAStorm_NothingIsLostOrRepeated(int seed, int first, int second, int third)
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
