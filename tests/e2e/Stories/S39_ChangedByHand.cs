using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// Somebody changes what belongs to the arbiter with statements of his own: it is set right, and what was missed is on
/// record.
/// </summary>
public sealed class S39_ChangedByHand
{
    private const string Table = "public.account";

    [Theory]
    [InTurn(15)]
    [InTurn(16)]
    [InTurn(17)]
    [InTurn(18)]
    public async Task Subscription_WithOptionsOfSomebodyElse_GetsItsOwnAgain(int major)
    {
        await using var mesh = await StartAsync(major);
        var more = major >= 16 ? ", origin = any, streaming = parallel" : ", streaming = on";
        if (major >= 16)
            more += ", run_as_owner = true";
        await mesh[1].ExecuteAsync($"alter subscription trktr_sub_1_0 set (binary = true{more})");
        await mesh[1].AwaitTextAsync(Changed, "0");

        // The server disables it at the next conflict, before the arbiter looks.
        (await mesh[0].Api.PostAsync("/v1/arbiter/subscription/1/pause")).Expect(200);
        mesh[1].Arbiter.Suspend();
        await mesh[1].ExecuteAsync("alter subscription trktr_sub_1_0 set (disable_on_error = true)");
        await mesh[1].ExecuteAsync("insert into account values (7, 'node 1')");
        await mesh[0].ExecuteAsync("insert into account values (7, 'node 0')");
        await mesh[1].AwaitTextAsync("select subenabled from pg_subscription where subname = 'trktr_sub_1_0'", "False");
        mesh[1].Arbiter.Wake();
        (await mesh[0].Api.PostAsync("/v1/arbiter/subscription/1/resume")).Expect(200);
        await mesh[1].AwaitTextAsync(Changed, "0");
        await mesh[1].AwaitTextAsync("select note from account where id = 7", "node 0");
        await mesh[0].AwaitTextAsync("select note from account where id = 7", "node 0");
        await mesh[1].AwaitStateAsync(0, "streaming");
    }

    [Theory]
    [InTurn(16)]
    [InTurn(18)]
    public async Task Publication_WithOptionsOfSomebodyElse_GetsItsOwnAgain_AndWhatMayLackIsOnRecord(int major)
    {
        await using var mesh = await StartAsync(major);
        await mesh[0].ExecuteAsync("insert into account values (1, 'first')");
        await mesh[1].AwaitTextAsync("select note from account", "first");
        Assert.Empty(await LackingAsync(mesh[0]));

        await mesh[0].ExecuteAsync("alter publication trktr_pub set (publish = 'insert')");
        await mesh[0]
            .AwaitTextAsync(
                "select pubinsert and pubupdate and pubdelete and pubviaroot from pg_publication where pubname = 'trktr_pub'",
                "True"
            );
        await mesh[0].AwaitTextAsync(Lacking, "1|unpublished");
        await mesh[0].ExecuteAsync("update account set note = 'second'");
        await mesh[1].AwaitTextAsync("select note from account", "second");
        await ProveAsync(mesh);

        // Published, but not with all of its columns.
        await mesh[0].ExecuteAsync("alter publication trktr_pub drop table account");
        await mesh[0].ExecuteAsync("alter publication trktr_pub add table account (id)");
        await mesh[0].AwaitTableAsync(Table, "pending-add");
        await mesh[0].CommitAsync();
        Assert.Equal("0", await mesh[0].TextAsync("select count(*) from pg_publication_rel where prattrs is not null"));
        await mesh[0].AwaitTextAsync(Lacking, "1|unpublished");
        await mesh[0].ExecuteAsync("update account set note = 'third'");
        await mesh[1].AwaitTextAsync("select note from account", "third");
        await ProveAsync(mesh);
    }

    private const string Lacking = "select node_id, reason from trktr.resync";

    private const string Changed = """
        select count(*)
        from pg_subscription s
        where subdisableonerr
           or subbinary
           or to_jsonb(s) ->> 'suborigin' <> 'none'
           or to_jsonb(s) ->> 'substream' not in ('f', 'false')
           or to_jsonb(s) ->> 'subrunasowner' = 'true'
        """;

    private static async Task<TestMesh> StartAsync(int major)
    {
        var mesh = await TestMesh.StartFullAsync(major, major);
        await mesh.ReplicateAsync(Table, "create table account (id int primary key, note text)");
        return mesh;
    }

    private static async Task<int[]> LackingAsync(MeshNode node) =>
        [.. (await node.TableAsync(Table))!["needs_resync"]!.AsArray().Select(peer => (int)peer!)];

    private static async Task ProveAsync(TestMesh mesh)
    {
        var comparison = (await mesh[0].Api.PostAsync("/v1/arbiter/comparisons", new { tables = new[] { Table }, nodes = "all" })).Expect(
            202
        );
        await Eventually.TrueAsync("it is proven equal", async () => (await LackingAsync(mesh[0])).Length == 0, () => comparison.Text);
    }
}
