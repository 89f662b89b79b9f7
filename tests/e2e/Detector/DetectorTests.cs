using Npgsql;
using Traktor.E2ETests.Healing;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Detector;

/// <summary>
/// The triggers note what PostgreSQL does not report: a change that hits a version which its writer had not seen.
/// Ordinary traffic they leave alone.
/// </summary>
public sealed class DetectorTests(Pair pair) : IClassFixture<Pair>
{
    private readonly TestMesh mesh = pair.Mesh;

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Update_OfOneRowOnBothNodesAtOnce_IsNotedOnBoth()
    {
        await mesh.ReplicateAsync("public.\"Both Sides\"", "create table \"Both Sides\" (\"Id\" int primary key, v text)");
        await mesh[0].ExecuteAsync("insert into \"Both Sides\" values (1, 'first'), (2, 'first')");
        await WatchedTable.AwaitStableAsync(mesh, "\"Both Sides\"");
        await WatchedTable.WithoutArbitersAsync(
            mesh,
            async () =>
            {
                Split.Cut(mesh, 1);
                await mesh[0]
                    .ExecuteAsync("update \"Both Sides\" set v = 'zero' where \"Id\" = 1; delete from \"Both Sides\" where \"Id\" = 2");
                await mesh[1].ExecuteAsync("update \"Both Sides\" set v = 'one'");
                Split.Heal(mesh, 1);
                await mesh[0].AwaitTextAsync("select \"Id\", v from \"Both Sides\"", "1|one");
                await mesh[1].AwaitTextAsync("select \"Id\", v from \"Both Sides\"", "1|zero");
                Assert.Equal("U|{\"Id\": \"1\"}|zero|0|one|1", await WatchedTable.OverwritesAsync(mesh[0], "Both Sides"));
                Assert.Equal(
                    "U|{\"Id\": \"1\"}|one|1|zero|0\nD|{\"Id\": \"2\"}|one|1||0",
                    await WatchedTable.OverwritesAsync(mesh[1], "Both Sides")
                );
                Assert.Equal(
                    await mesh[1].TextAsync("select xid::text from trktr.overwrite_log order by id limit 1"),
                    await mesh[1].TextAsync("select xmin::text from \"Both Sides\"")
                );
            }
        );
    }

    [Fact]
    public async Task Update_OneAfterTheOther_IsNotNoted()
    {
        await mesh.ReplicateAsync("public.calm", "create table calm (id int primary key, v int)");
        await mesh[0].ExecuteAsync("insert into calm select i, 0 from generate_series(1, 100) i");
        for (var round = 1; round <= 4; round++)
        {
            await WatchedTable.AwaitStableAsync(mesh, "calm");
            await mesh[round % 2].ExecuteAsync("update calm set v = v + 1");
            // What its own node has just written itself is no stranger's, however fresh it is.
            await mesh[round % 2].ExecuteAsync("update calm set v = v + 1");
            await mesh.AgreeAsync("select distinct v from calm", $"{round * 2}");
        }

        foreach (var node in mesh.Nodes)
            Assert.Equal("", await WatchedTable.OverwritesAsync(node, "calm"));
    }

    [Fact]
    public async Task Update_OfAContestedKey_IsNotedHoweverOldTheRow()
    {
        await mesh.ReplicateAsync("public.contested", "create table contested (id int primary key, v text)");
        await mesh[0].ExecuteAsync("insert into contested values (1, 'a'), (2, 'a')");
        await WatchedTable.AwaitStableAsync(mesh, "contested");
        await WatchedTable.WithoutArbitersAsync(
            mesh,
            async () =>
            {
                await mesh[1]
                    .ExecuteAsync(
                        "select setval('trktr.nothing_contested', 1, false); "
                            + "insert into trktr.contested_key (schema_name, table_name, key, stamp_at, stamp_node, heartbeat_seq) "
                            + "values ('public', 'contested', '{\"id\": \"1\"}', now(), 1, 1)"
                    );
                await mesh[0].ExecuteAsync("update contested set v = 'b'");
                await mesh[1].AwaitTextAsync("select distinct v from contested", "b");
                Assert.Equal("U|{\"id\": \"1\"}|a|0|b|0", await WatchedTable.OverwritesAsync(mesh[1], "contested"));

                // Whoever certifies that nothing is contested spares the look-up.
                await mesh[1].ExecuteAsync("delete from trktr.overwrite_log where table_name = 'contested'");
                await mesh[1].ExecuteAsync("select setval('trktr.nothing_contested', 1)");
                await mesh[0].ExecuteAsync("update contested set v = 'c'");
                await mesh[1].AwaitTextAsync("select distinct v from contested", "c");
                Assert.Equal("", await WatchedTable.OverwritesAsync(mesh[1], "contested"));
                await mesh[1].ExecuteAsync("delete from trktr.contested_key");
            }
        );
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Partitions_AlsoLaterOnes_AreWatchedUnderTheNameOfTheirRoot()
    {
        await mesh.ReplicateAsync(
            "public.logbook",
            "create table logbook (id int primary key, v text) partition by range (id); create table logbook_1 partition of "
                + "logbook for values from (0) to (100)"
        );
        await mesh.EverywhereAsync("create table logbook_2 partition of logbook for values from (100) to (200)");
        await mesh[0].ExecuteAsync("insert into logbook values (1, 'a'), (101, 'a')");
        await WatchedTable.AwaitStableAsync(mesh, "logbook");
        foreach (var table in new[] { "logbook", "logbook_1", "logbook_2" })
            Assert.Equal(WatchedTable.AllTriggers, await WatchedTable.TriggersAsync(mesh[1], table));
        await WatchedTable.WithoutArbitersAsync(
            mesh,
            async () =>
            {
                await mesh[1].ExecuteAsync("update logbook set v = 'mine'");
                await mesh[0].ExecuteAsync("update logbook set v = 'yours'");
                await mesh[1].AwaitTextAsync("select distinct v from logbook", "yours");
                Assert.Equal(
                    "U|{\"id\": \"1\"}|mine|1|yours|0\nU|{\"id\": \"101\"}|mine|1|yours|0",
                    await WatchedTable.OverwritesAsync(mesh[1], "logbook")
                );
            }
        );
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task TableOfAnotherOwner_IsWatchedWithTheOwnersRights_AndNobodyCanForgeAnEntry()
    {
        await mesh.ReplicateAsync(
            "public.ledger",
            "create role bookkeeper; create role teller; create table ledger (id int primary key, v text); alter table ledger "
                + "owner to bookkeeper; grant update, select on ledger to teller"
        );
        await mesh[0].ExecuteAsync("insert into ledger values (1, 'a'), (2, 'a')");
        await WatchedTable.AwaitStableAsync(mesh, "ledger");
        await WatchedTable.WithoutArbitersAsync(
            mesh,
            async () =>
            {
                Split.Cut(mesh, 1);
                await mesh[0].ExecuteAsync("set role teller; update ledger set v = 'zero' where id = 1");
                await mesh[1].ExecuteAsync("set role teller; update ledger set v = 'one' where id = 1");
                Split.Heal(mesh, 1);
                await mesh[1].AwaitTextAsync("select v from ledger where id = 1", "zero");
                Assert.Equal("U|{\"id\": \"1\"}|one|1|zero|0", await WatchedTable.OverwritesAsync(mesh[1], "ledger"));
                await mesh[0].AwaitTextAsync("select v from ledger where id = 1", "one");

                // A key that changes hits nothing anywhere: it is logged where it is changed, by whoever may.
                await mesh[0]
                    .ExecuteAsync(
                        "set role teller; update ledger set v = 'b', id = id where id = 2; update ledger set id = 3 where id = 2"
                    );
                Assert.EndsWith("I|{\"id\": \"3\"}|||b|", await WatchedTable.OverwritesAsync(mesh[0], "ledger"), StringComparison.Ordinal);
            }
        );

        foreach (var role in new[] { "bookkeeper", "teller" })
        foreach (var columns in new[] { "('public', 'calm', '{}', 'D')", "('public', 'ledger', '{}', 'D')" })
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() =>
                mesh[0]
                    .ExecuteAsync(
                        $"set role {role}; insert into trktr.overwrite_log (schema_name, table_name, key, operation) values {columns}"
                    )
            );
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }

        Assert.Equal("", await mesh[0].TextAsync("set role teller; select * from trktr.overwrite_log"));
    }
}
