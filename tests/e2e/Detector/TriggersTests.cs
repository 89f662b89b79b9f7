using Traktor.E2ETests.Mesh;
using Traktor.Engine.Detection;
using Traktor.Engine.Postgres;

namespace Traktor.E2ETests.Detector;

/// <summary>
/// A table has the detector's triggers as long as it is replicated and not exempted, whatever is done to them.
/// </summary>
public sealed class TriggersTests(Pair pair) : IClassFixture<Pair>
{
    private readonly TestMesh mesh = pair.Mesh;

    [Fact]
    public async Task ExemptedTable_HasNoTriggers_UntilItIsWatchedAgain()
    {
        await mesh.ReplicateAsync("public.exempt", "create table exempt (id int primary key, v text)");
        await mesh[1]
            .AwaitTextAsync("select count(*) from pg_trigger where tgname ~ '^trktr_(detect|key)' and tgrelid = 'exempt'::regclass", "3");
        var change = (await mesh[0].Api.PutAsync("/v1/arbiter/policy/public.exempt?scope=mesh", new { detector = false })).Expect(200).Json;
        Assert.Equal((true, "last_update_wins", false), ((bool)change["changed"]!, (string?)change["policy"], (bool)change["detector"]!));
        foreach (var node in mesh.Nodes)
        {
            Assert.False((bool)(await node.TableAsync("public.exempt"))!["detector"]!);
            await Eventually.TrueAsync(
                "the triggers are gone",
                async () => await WatchedTable.TriggersAsync(node, "exempt") == "",
                node.Diagnose
            );
        }

        (
            await mesh[0].Api.PutAsync("/v1/arbiter/policy/public.exempt?scope=mesh", new { detector = true, policy = "node_priority" })
        ).Expect(200);
        foreach (var node in mesh.Nodes)
            await Eventually.TrueAsync(
                "the triggers are back",
                async () => await WatchedTable.TriggersAsync(node, "exempt") == WatchedTable.AllTriggers,
                node.Diagnose
            );
        Assert.Equal("node_priority", (string?)(await mesh[1].TableAsync("public.exempt"))!["policy"]);
    }

    /// <summary>The loop, the refresh of a subscription and a call that subscribes may come at the same time.</summary>
    [Fact]
    public async Task Triggers_CreatedBySeveralSessionsAtOnce_AreCreatedOnce()
    {
        const string Drop =
            "drop trigger trktr_detect_update on hurried; drop trigger trktr_detect_delete on hurried; "
            + "drop trigger trktr_detect_key_change on hurried";
        await mesh.ReplicateAsync("public.hurried", "create table hurried (id int primary key, v text)");
        var table = new TableName("public", "hurried");
        for (var round = 0; round < 10; round++)
        {
            await mesh[0].ExecuteAsync(Drop);
            var problems = await Task.WhenAll(
                Enumerable
                    .Range(0, 3)
                    .Select(async _ =>
                    {
                        await using var session = await mesh[0].OpenAsync();
                        return await TriggerReconciler.EnsureAsync(session, [table], CancellationToken.None);
                    })
            );
            Assert.DoesNotContain(problems.SelectMany(said => said), said => said.Contains("already exists", StringComparison.Ordinal));
            await Eventually.TrueAsync(
                "the triggers are there",
                async () => await WatchedTable.TriggersAsync(mesh[0], "hurried") == WatchedTable.AllTriggers,
                mesh[0].Diagnose
            );
        }

        Assert.DoesNotContain(mesh[0].Arbiter.Log, line => line.Contains("already exists", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Triggers_ThatSomebodyChanged_OrThatATableLost_AreMended()
    {
        await mesh.ReplicateAsync("public.mended", "create table mended (id int, other int not null, v text, primary key (id))");
        foreach (
            var damage in new[]
            {
                "drop trigger trktr_detect_update on mended",
                "alter table mended disable trigger user",
                "alter table mended enable trigger all",
                "alter table mended drop constraint mended_pkey, add primary key (id, other)",
                "drop table mended; create table mended (id int, other int, v text, primary key (other, id))",
            }
        )
        {
            await mesh.EverywhereAsync(damage);
            if (damage.StartsWith("drop table", StringComparison.Ordinal))
                foreach (var node in mesh.Nodes)
                    await node.CommitAsync();
            await Eventually.TrueAsync(
                $"mended after: {damage}",
                async () => await WatchedTable.TriggersAsync(mesh[1], "mended") == WatchedTable.AllTriggers,
                mesh[1].Diagnose
            );
        }

        await mesh[1]
            .AwaitTextAsync(
                "select distinct encode(tgargs, 'escape') from pg_trigger where tgname ~ '^trktr_(detect|key)' and tgrelid = "
                    + "'mended'::regclass",
                @"public\000mended\000id\000other\000"
            );
    }

    [Fact]
    public async Task RemovedTable_LosesItsTriggers()
    {
        await mesh.ReplicateAsync("public.passing", "create table passing (id int primary key)");
        foreach (var node in mesh.Nodes)
        {
            await Eventually.TrueAsync(
                "it is watched",
                async () => await WatchedTable.TriggersAsync(node, "passing") == WatchedTable.AllTriggers,
                node.Diagnose
            );
            await node.UnstageAsync("public.passing");
            await node.CommitAsync();
        }

        foreach (var node in mesh.Nodes)
            await Eventually.TrueAsync(
                "nothing of ours is left on it",
                async () => await WatchedTable.TriggersAsync(node, "passing") == "",
                mesh.Diagnose
            );
    }
}
