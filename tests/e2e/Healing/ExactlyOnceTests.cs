using System.Globalization;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;
using Traktor.E2ETests.Tiers;
using Traktor.Engine;

namespace Traktor.E2ETests.Healing;

/// <summary>The arbiter is killed between any two steps of a heal, and goes on where it was.</summary>
public sealed class ExactlyOnceTests
{
    private const int Claims = 30;

    [Theory]
    [InTurn(15)]
    [InTurn(16)]
    [InTurn(18)]
    [InTurn(17, 3)]
    public async Task Heal_KilledAtEveryPoint_NothingIsLostOrRepeated(int major, int nodes = 2)
    {
        await using var mesh = await TestMesh.StartFullAsync([.. Enumerable.Repeat(major, nodes)]);
        await AuditedTable.CreateAsync(mesh);
        var acknowledged = new List<string>();
        var first = 1;
        string[] every =
        [
            FaultPoint.Disabled,
            FaultPoint.OriginHeld,
            FaultPoint.Read,
            FaultPoint.RowsWritten,
            FaultPoint.RowsWritten + ":7",
            FaultPoint.BeforeCommit,
            FaultPoint.BeforeCommit + ":11",
            FaultPoint.Committed,
            FaultPoint.OriginReleased,
            FaultPoint.Enabled,
        ];
        var points = Tier.Part(every, 5);
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

        await mesh.AgreeAsync(
            $"select count(*), count(distinct key) from trktr.history",
            $"{points.Count * Claims}|{points.Count * Claims}"
        );
        await mesh.AgreeAsync("select count(*) from pg_subscription where not subenabled", "0");
        await mesh.AgreeAsync("select count(*) from trktr.subscription where healing_since is not null", "0");
    }

    /// <summary>
    /// Transactions of one row each go to a procedure that commits them: it is interrupted at the points inside.
    /// </summary>
    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(15)]
    [InTurn(16)]
    [InTurn(17)]
    [InTurn(18)]
    public async Task Heal_OfSingleRows_KilledInsideTheProcedure_NothingIsLostOrRepeated(int major)
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major);
        await mesh.ReplicateAsync("public.single", "create table single (id int primary key, v text not null)");
        var first = 1;
        string[] points = [FaultPoint.RowsWritten, FaultPoint.RowsWritten + ":9", FaultPoint.BeforeCommit, FaultPoint.BeforeCommit + ":14"];
        foreach (var point in points)
        {
            Split.Cut(mesh, 1);
            await mesh[1].Arbiter.KillAsync();
            foreach (var node in (MeshNode[])[mesh[1], mesh[0]])
                await node.ExecuteAsync(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"do $$ begin for i in {first}..{first + Claims - 1} loop insert into single values (i, 'node {node.Id}'); "
                            + $"commit; end loop; end $$"
                    )
                );
            mesh[1].Arbiter.Environment[FaultPoint.Variable] = point;
            await mesh[1].Arbiter.StartAsync();
            Split.Heal(mesh, 1);
            await Eventually.TrueAsync($"the arbiter is killed at {point}", () => !mesh[1].Arbiter.IsRunning, mesh.Diagnose);
            mesh[1].Arbiter.Environment.Clear();
            await mesh[1].Arbiter.StartAsync();
            first += Claims;
            await Split.AwaitEqualAsync(mesh, "single");
            await mesh[1].AwaitTextAsync("select count(*) from single where v = 'node 0'", $"{first - 1}");
            Assert.Equal(
                $"{first - 1}|{first - 1}",
                await mesh[1].TextAsync("select count(*), count(distinct key) from trktr.history where relation = 'public.single'")
            );
        }
    }

    /// <summary>
    /// The peer may forget what it is told is applied; so it is told only what survives a crash. Here the server
    /// flushes nothing by itself, writers go on all the while, and it is killed with its arbiter in the moment after
    /// the peer was told.
    /// </summary>
    [Fact]
    [Trait("Tier", "turn")]
    public async Task Server_KilledRightAfterThePeerWasTold_HasAllThatThePeerMayPurge()
    {
        await using var mesh = await TestMesh.StartAsync(
            [18, 18],
            new Dictionary<string, string>
            {
                ["wal_writer_delay"] = "10s",
                ["wal_writer_flush_after"] = "1GB",
                // So that the heal lasts until it tells the peer.
                ["wal_retrieve_retry_interval"] = "5s",
            }
        );
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
}
