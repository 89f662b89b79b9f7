using Traktor.E2ETests.Healing;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Schema;

/// <summary>
/// Someone drops a part of the schema trktr: the status says that something fails, and <c>PUT control</c> gives it
/// back. The node is then the same one to its peers, and resolves conflicts as before.
/// </summary>
public sealed class MendingTests
{
    private const string Control = "/v1/arbiter/control";
    private const string Table = "public.item";

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Control_AfterPartsWereDropped_MendsThemAndConflictsAreResolvedAgain()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        await mesh.ReplicateAsync(Table, $"create table {Table} (id integer primary key, note text)");
        var incarnation = await mesh[0].TextAsync("select incarnation from trktr.identity");
        var number = 0;
        foreach (
            var (damage, mended) in (ValueTuple<string, string>[])
                [
                    ("drop table trktr.heartbeat cascade", "table trktr.heartbeat"),
                    ("delete from trktr.identity", "row of trktr.identity"),
                    (
                        "drop table trktr.schema_script, trktr.database",
                        "table trktr.database, table trktr.schema_script, rows of trktr.database"
                    ),
                    ("drop table trktr.identity cascade", "table trktr.identity, row of trktr.identity"),
                    ("alter table trktr.history drop column policy cascade", "column trktr.history.policy"),
                    (
                        "drop table trktr.history cascade; drop sequence trktr.history_revision",
                        "sequence trktr.history_revision, table trktr.history, "
                            + "constraint pending_merge_history_id_fkey of trktr.pending_merge"
                    ),
                    ("delete from trktr.node_lock; delete from trktr.stable_xid", "rows of trktr.node_lock, rows of trktr.stable_xid"),
                    (
                        "drop sequence trktr.nothing_contested; drop index trktr.winner_key",
                        "sequence trktr.nothing_contested, index trktr.winner_key"
                    ),
                    ("drop schema trktr_routine cascade", "schema trktr_routine"),
                    ("drop table trktr.node_key", "table trktr.node_key"),
                ]
        )
        {
            // The others leave a heal with a table or function that is not there, which takes its time.
            if (!Tier.IsAll && !IsQuick(damage))
                continue;
            await mesh[0].ExecuteAsync(damage);
            await Eventually.TrueAsync(
                $"the status says that something is wrong after: {damage}",
                async () => await IsUnwellAsync(mesh[0]) || !IsUsedAllTheTime(damage),
                mesh.Diagnose
            );
            var report = (await mesh[0].Api.PutAsync(Control)).Expect(200).Json;
            Assert.Equal(mended, string.Join(", ", report["mended"]!.AsArray().Select(what => (string?)what)));
            Assert.Empty((await mesh[0].Api.PutAsync(Control)).Expect(200).Json["mended"]!.AsArray());

            await ContestAsync(mesh, ++number);
            Assert.Equal(incarnation, await mesh[0].TextAsync("select incarnation from trktr.identity"));
            var status = "";
            await Eventually.TrueAsync(
                $"the node is well after: {damage}",
                async () =>
                {
                    status = (await mesh[0].StatusAsync()).ToJsonString();
                    return !await IsUnwellAsync(mesh[0]);
                },
                () => $"{status}\n{mesh.Diagnose()}"
            );
        }
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Control_OfAnotherNodesDamagedSchema_IsRefused()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        await mesh[0].AwaitTextAsync("select count(*) from trktr.node", "2");
        await mesh[0].ExecuteAsync("delete from trktr.node where node_id = 0; delete from trktr.identity");
        var refused = (await mesh[0].Api.PutAsync(Control)).Expect(409).Json;
        Assert.Equal("The database belongs to one of the nodes 1, but arbiter.ini says NodeID = 0.", (string?)refused["detail"]);
        Assert.Equal("t", await mesh[0].TextAsync("select case when to_regnamespace('trktr_expected') is null then 't' end"));
    }

    private static bool IsQuick(string damage) =>
        damage.StartsWith("delete", StringComparison.Ordinal) || damage.StartsWith("alter", StringComparison.Ordinal);

    /// <summary>Of the rest, the status says what is wrong once it is needed.</summary>
    private static bool IsUsedAllTheTime(string damage) =>
        damage.Contains("heartbeat", StringComparison.Ordinal)
        || damage.Contains("identity", StringComparison.Ordinal)
        || damage.Contains("node_key", StringComparison.Ordinal)
        || damage.Contains("schema_script", StringComparison.Ordinal)
        || damage.Contains("drop table trktr.history", StringComparison.Ordinal);

    private static async Task<bool> IsUnwellAsync(MeshNode node)
    {
        var status = await node.StatusAsync();
        return status["problem"] is not null || (bool)status["is_tainted"]!;
    }

    /// <summary>A row is written on both nodes while they are apart, once without an error and once with one.</summary>
    private static async Task ContestAsync(TestMesh mesh, int number)
    {
        await mesh[0].ExecuteAsync($"insert into {Table} values ({number}, 'before')");
        await mesh.AgreeAsync($"select note from {Table} where id = {number}", "before");
        Split.Cut(mesh, 1);
        foreach (var node in mesh.Nodes)
            await node.ExecuteAsync(
                $"""
                update {Table} set note = 'of {node.Id}' where id = {number};
                insert into {Table} values ({number + 1000}, 'of {node.Id}')
                """
            );
        Split.Heal(mesh, 1);
        await mesh.AgreeAsync($"select string_agg(note, ' ') from {Table} where id in ({number}, {number + 1000})", "of 1 of 1");
    }
}
