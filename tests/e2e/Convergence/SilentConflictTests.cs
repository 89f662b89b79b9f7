using Traktor.E2ETests.Healing;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Convergence;

/// <summary>
/// Conflicts that stop nothing: three nodes write the same rows while they are apart, and are equal afterwards, by the
/// last write, with what lost in the history.
/// </summary>
public sealed class SilentConflictTests
{
    [Theory]
    [InTurn(16)]
    [InTurn(18)]
    public async Task Rows_WrittenOnAllNodesWhileApart_EndAsTheLastWriteHasThem(int major)
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major, major);
        await mesh.ReplicateAsync(
            "public.\"Accounts\"",
            "create table public.\"Accounts\" (\"Id\" integer primary key, balance numeric, note text, \"Big\" text, twice "
                + "numeric generated always as (balance * 2) stored)"
        );
        await mesh.EverywhereAsync("alter table public.\"Accounts\" add column local_only text");
        await mesh[0]
            .ExecuteAsync(
                "insert into public.\"Accounts\" (\"Id\", balance, note, \"Big\") select i, 100, 'first', (select "
                    + "string_agg(md5(random()::text), '') from generate_series(1, 200)) from generate_series(1, 6) i"
            );
        await AwaitEqualAsync(mesh);

        Split.CutAll(mesh);
        await mesh[2].ExecuteAsync("update public.\"Accounts\" set balance = 102, note = 'two' where \"Id\" = 1");
        await mesh[1].ExecuteAsync("update public.\"Accounts\" set balance = 101, note = 'one' where \"Id\" = 1");
        await mesh[0].ExecuteAsync("update public.\"Accounts\" set balance = 100.5, note = 'zero' where \"Id\" = 1");

        // A delete wins over an earlier update and loses to a later one.
        await mesh[1].ExecuteAsync("update public.\"Accounts\" set balance = 201 where \"Id\" = 2");
        await mesh[0].ExecuteAsync("delete from public.\"Accounts\" where \"Id\" = 2");
        await mesh[0].ExecuteAsync("delete from public.\"Accounts\" where \"Id\" = 3");
        await mesh[2].ExecuteAsync("update public.\"Accounts\" set balance = 302 where \"Id\" = 3");

        // The large value is not sent by an update that leaves it alone.
        await mesh[1].ExecuteAsync("update public.\"Accounts\" set \"Big\" = repeat('x', 5000), note = 'large' where \"Id\" = 4");
        await mesh[0].ExecuteAsync("update public.\"Accounts\" set note = 'small' where \"Id\" = 4");
        // Neither is it where it was made null, and then nothing of the row is as it was.
        await mesh[1].ExecuteAsync("update public.\"Accounts\" set \"Big\" = null, note = 'none' where \"Id\" = 6");
        await mesh[0].ExecuteAsync("update public.\"Accounts\" set balance = 600, note = 'kept' where \"Id\" = 6");

        // A key that is changed here and deleted there.
        await mesh[2].ExecuteAsync("delete from public.\"Accounts\" where \"Id\" = 5");
        await mesh[1].ExecuteAsync("update public.\"Accounts\" set \"Id\" = 50 where \"Id\" = 5");
        Split.HealAll(mesh);

        await AwaitEqualAsync(mesh);
        Assert.Equal(
            "1:100.5:zero 3:302:first 4:100:small 50:100:first 6:600:kept",
            await mesh[1]
                .TextAsync("select string_agg(\"Id\" || ':' || balance || ':' || note, ' ' order by \"Id\"::text) from public.\"Accounts\"")
        );
        await mesh.AgreeAsync("select count(*) from trktr.overwrite_log", "0");
        await mesh.AgreeAsync("select count(*) from trktr.contested_key", "0");
        await mesh.AgreeAsync("select count(*) from trktr.winner", "0");
        Assert.NotEqual(
            "0",
            await mesh[0]
                .TextAsync(
                    "select count(*) from trktr.history where conflict_type = 'update_origin_differs' and resolved_by = 'convergence'"
                )
        );
        var lost = new List<string>();
        foreach (var node in mesh.Nodes)
            lost.Add(
                await node.TextAsync(
                    "select string_agg(concat_ws('/', local_row ->> 'balance', remote_row ->> 'balance'), ' ') from "
                        + "trktr.history where resolved_by = 'convergence'"
                )
            );
        Assert.All(
            (string[])["101", "102", "201"],
            balance => Assert.Contains(lost, text => text.Contains(balance, StringComparison.Ordinal))
        );
        await mesh.AgreeAsync("select count(*) from pg_subscription where not subenabled", "0");
    }

    [Fact]
    [Trait("Tier", "all")]
    public async Task HotRow_WrittenByAllNodesAtOnce_EndsEqual()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18, 18);
        await mesh.ReplicateAsync(
            "public.\"Accounts\"",
            "create table public.\"Accounts\" (\"Id\" integer primary key, balance numeric, note text)"
        );
        await mesh[0].ExecuteAsync("insert into public.\"Accounts\" values (1, 0, ''), (2, 0, '')");
        await AwaitEqualAsync(mesh);

        await Task.WhenAll(
            mesh.Nodes.Select(node =>
                Task.Run(async () =>
                {
                    await using var connection = await node.OpenAsync();
                    for (var i = 0; i < 500; i++)
                    {
                        await using var command = new Npgsql.NpgsqlCommand(
                            $"update public.\"Accounts\" set balance = balance + 1, note = 'node {node.Id} write {i}' where "
                                + $"\"Id\" = {1 + (i % 2)}",
                            connection
                        );
                        await command.ExecuteNonQueryAsync();
                    }
                })
            )
        );

        await AwaitEqualAsync(mesh, TimeSpan.FromSeconds(60));
        await mesh.AgreeAsync("select count(*) from trktr.contested_key", "0");
    }

    /// <summary>
    /// Streams are in order, each of them; between two of them a delete overtakes the insert that it deletes, and an
    /// update the row that it updates. PostgreSQL drops both, and what comes late stays for ever: a zombie.
    /// </summary>
    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(16)]
    [InTurn(18)]
    public async Task Change_ThatOvertakesItsRow_IsNotLost(int major)
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major, major);
        await mesh.ReplicateAsync(
            "public.\"Accounts\"",
            "create table public.\"Accounts\" (\"Id\" integer primary key, balance numeric, note text)"
        );
        mesh.Link(0, 2).Cut();
        await mesh[0].ExecuteAsync("insert into public.\"Accounts\" select i, 0, 'first' from generate_series(1, 4) i");
        await mesh[1].AwaitTextAsync("select count(*) from public.\"Accounts\"", "4");
        await mesh[1]
            .ExecuteAsync(
                "delete from public.\"Accounts\" where \"Id\" = 1; update public.\"Accounts\" set note = 'second' where \"Id\" "
                    + "= 2; update public.\"Accounts\" set \"Id\" = 30 where \"Id\" = 3; insert into public.\"Accounts\" values (9, "
                    + "0, 'after')"
            );
        await mesh[2].AwaitTextAsync("select \"Id\" from public.\"Accounts\" where note = 'after'", "9");
        Assert.Equal("0", await mesh[2].TextAsync("select count(*) from public.\"Accounts\" where \"Id\" < 9"));

        mesh.Link(0, 2).Heal();
        await mesh[2].AwaitTextAsync("select note from public.\"Accounts\" where \"Id\" = 4", "first");
        await AwaitEqualAsync(mesh);
        await mesh.RestAsync();
        Assert.Equal(
            "2:second 4:first 9:after 30:first",
            await mesh[2].TextAsync("select string_agg(\"Id\" || ':' || note, ' ' order by \"Id\") from public.\"Accounts\"")
        );
    }

    private static Task<TimeSpan> AwaitEqualAsync(TestMesh mesh, TimeSpan? atMost = null) =>
        Split.AwaitEqualAsync(mesh, "public.\"Accounts\"", atMost);
}
