using System.Diagnostics;
using System.Globalization;
using Traktor.E2ETests.Comparisons;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// A node that has lost what it had sent and received: both links say so, nothing is applied past the hole, and one
/// action on each, a comparison and its repair make the nodes equal again.
/// </summary>
public sealed class S36_RestoredNode
{
    private const string Item = "public.item";
    private const string Rows = "select string_agg(id || '=' || v, ' ' order by id) from item";

    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(18, 18)]
    [InTurn(16, 18)]
    [TierAll(15, 17)]
    [TierAll(17, 16)]
    public async Task ColdBackup_PutBack_IsSeenOnBothLinksAndMended(params int[] majors)
    {
        await using var mesh = await StartAsync(majors);
        await mesh[0].Server.StopAsync();
        Copy(mesh[0].Server.DataDirectory!, Backup(mesh));
        await mesh[0].Server.StartAsync();
        await LoseAsync(mesh);

        await mesh[0].Server.StopAsync();
        PutBack(mesh);
        await mesh[0].Server.StartAsync();

        // What node 0 writes now would be skipped on node 1 without a word.
        await Eventually.TrueAsync("node 0 can be written", async () => await TryAsync(mesh[0], "insert into item values (100, 'new')"));
        await AwaitBrokenAsync(mesh[0], 1, "missing on node 0");
        await AwaitBrokenAsync(mesh[1], 0, "restored from a backup");
        await MendAsync(mesh);
    }

    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(17, 18)]
    [TierAll(18, 16)]
    public async Task Standby_PromotedWithoutTheLastChanges_IsSeenOnBothLinksAndMended(params int[] majors)
    {
        await using var mesh = await StartAsync(majors);
        await using (var session = await mesh[0].OpenAsync())
        {
            await session.ExecuteAsync("select pg_backup_start('standby', true)");
            Copy(mesh[0].Server.DataDirectory!, Backup(mesh));
            var label = await session.ScalarAsync<string>("select labelfile from pg_backup_stop(wait_for_archive => false)");
            Run("rm", "-rf", Path.Combine(Backup(mesh), "pg_wal"), Path.Combine(Backup(mesh), "postmaster.pid"));
            Copy(Path.Combine(mesh[0].Server.DataDirectory!, "pg_wal"), Path.Combine(Backup(mesh), "pg_wal"));
            // Slots are not part of a standby.
            Run("sh", "-c", $"rm -rf {Backup(mesh)}/pg_replslot/*");
            foreach (var (file, text) in new[] { ("backup_label", label!), ("standby.signal", "") })
            {
                await File.WriteAllTextAsync(Path.Combine(Backup(mesh), file), text);
                Run("chown", $"--reference={Backup(mesh)}", Path.Combine(Backup(mesh), file));
            }
        }

        await LoseAsync(mesh);
        await mesh[0].Server.KillAsync();
        PutBack(mesh);
        await mesh[0].Server.StartAsync();
        await Eventually.TrueAsync("it is promoted", async () => await TryAsync(mesh[0], "select pg_promote()"));
        await Eventually.TrueAsync("node 0 can be written", async () => await TryAsync(mesh[0], "insert into item values (100, 'new')"));
        await AwaitBrokenAsync(mesh[0], 1, "missing on node 0");
        await AwaitBrokenAsync(mesh[1], 0, "POST /v1/arbiter/subscription/0/renew");
        await MendAsync(mesh);
    }

    private static async Task<TestMesh> StartAsync(int[] majors)
    {
        var mesh = await TestMesh.StartFullAsync(majors);
        await mesh.ReplicateAsync(Item, "create table item (id int primary key, v text)");
        await mesh[0].ExecuteAsync("insert into item select n, 'old' from generate_series(1, 3) n");
        await mesh.AgreeAsync(Rows, "1=old 2=old 3=old");
        return mesh;
    }

    /// <summary>Changes that both nodes have, and that node 0 then loses: more WAL than it writes afterwards.</summary>
    private static async Task LoseAsync(TestMesh mesh)
    {
        await mesh[1].AwaitStateAsync(0, "streaming");
        await mesh[0].AwaitStateAsync(1, "streaming");
        await mesh[0].ExecuteAsync("update item set v = 'lost' where id = 2; insert into item values (11, 'zero')");
        await mesh[0].ExecuteAsync("create table bulk as select repeat('x', 500) from generate_series(1, 60000)");
        await mesh[1].ExecuteAsync("insert into item values (21, 'one')");
        await mesh.AgreeAsync(Rows, "1=old 2=lost 3=old 11=zero 21=one");
        // A heartbeat later: what is lost is longer than the time between two.
        var beat = await mesh[0].TextAsync("select seq from trktr.heartbeat where node_id = 1");
        await mesh[0].AwaitTextAsync($"select seq > {beat} + 2 from trktr.heartbeat where node_id = 1", "True");
    }

    private static async Task MendAsync(TestMesh mesh)
    {
        (await mesh[0].Api.PostAsync("/v1/arbiter/subscription/1/resume")).ExpectProblem(409, "missing on node 0");
        await mesh[1].ExecuteAsync("insert into item values (22, 'past')");
        foreach (var (node, peer) in new[] { (mesh[0], 1), (mesh[1], 0) })
            (await node.Api.PostAsync($"/v1/arbiter/subscription/{peer}/renew")).Expect(200);
        foreach (var (node, peer) in new[] { (mesh[0], 1), (mesh[1], 0) })
        {
            await node.AwaitStateAsync(peer, "streaming");
            Assert.Equal(peer, (int)Assert.Single((await node.TableAsync(Item))!["needs_resync"]!.AsArray())!);
        }

        await mesh.RestAsync();
        var id = await mesh[1].CompareAsync();
        await mesh[1].ComparedAsync(id);
        var path = string.Create(CultureInfo.InvariantCulture, $"/v1/arbiter/comparisons/{id}/repair");
        var task = (long)(await mesh[1].Api.PostAsync(path, new { rule = "newest" })).Expect(202).Json["task"]!["id"]!;
        await Eventually.TrueAsync(
            "it is repaired",
            async () =>
                (string?)
                    (await mesh[1].Api.GetAsync(string.Create(CultureInfo.InvariantCulture, $"/v1/arbiter/tasks/{task}?wait=30"))).Json[
                        "task"
                    ]!["state"] == "succeeded",
            mesh.Diagnose
        );
        await mesh.AgreeAsync(Rows, "1=old 2=lost 3=old 11=zero 21=one 22=past 100=new");
        foreach (var node in mesh.Nodes)
            Assert.Empty((await node.TableAsync(Item))!["needs_resync"]!.AsArray());
        await mesh[0].ExecuteAsync("insert into item values (101, 'after')");
        await mesh[1].AwaitTextAsync("select v from item where id = 101", "after");
    }

    private static Task AwaitBrokenAsync(MeshNode node, int peer, string words) =>
        Eventually.TrueAsync(
            $"node {node.Id} says of its link from node {peer}: {words}",
            async () =>
                await node.SubscriptionAsync(peer) is { } link
                && (string?)link["state"] == "broken"
                && ((string?)link["last_error"])!.Contains(words, StringComparison.Ordinal),
            node.Diagnose
        );

    private static async Task<bool> TryAsync(MeshNode node, string sql)
    {
        try
        {
            await node.ExecuteAsync(sql);
            return true;
        }
        catch (Npgsql.NpgsqlException)
        {
            return false;
        }
    }

    private static string Backup(TestMesh mesh) => mesh[0].Server.DataDirectory + ".backup";

    private static void PutBack(TestMesh mesh)
    {
        Run("rm", "-rf", mesh[0].Server.DataDirectory!);
        Run("mv", Backup(mesh), mesh[0].Server.DataDirectory!);
    }

    private static void Copy(string from, string to) => Run("cp", "-a", from, to);

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        // A running server removes files while they are copied.
        Assert.True(process.ExitCode == 0 || program == "cp", program);
    }
}
