using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// A table is not opened while a transaction that has written to it is open: the server would send what it writes
/// afterwards, and not what it wrote before.
/// </summary>
public sealed class S37_OpenTransactions
{
    [Theory]
    [InTurn(16)]
    [InTurn(17)]
    [InTurn(18)]
    public async Task Commit_WithOpenTransactionsOnTheTable_NamesThemAndOpensWhenTheyEnd(int major)
    {
        await using var mesh = await TestMesh.StartAsync(
            [major, major],
            new Dictionary<string, string> { ["max_prepared_transactions"] = "2" }
        );
        await mesh.ConnectAllAsync();
        await mesh.EverywhereAsync(
            """
            create table booking (id int primary key, note text) partition by range (id);
            create table booking_low partition of booking for values from (0) to (1000);
            create table booking_high partition of booking for values from (1000) to (2000)
            """
        );
        await using var session = await mesh[0].OpenAsync();
        await session.ExecuteAsync("begin; insert into booking values (1, 'before')");
        // Directly into a part of the table.
        await mesh[0].ExecuteAsync("begin; insert into booking_high values (1001, 'prepared'); prepare transaction 'half'");
        foreach (var node in mesh.Nodes)
            await node.StageAsync("public.booking");

        var answer = await mesh[0].CommitAsync(202);
        var waiting = Assert.Single(answer.Json["pending"]![0]!["waiting_for"]!.AsArray())!;
        Assert.Equal(0, (int)waiting["node"]!);
        var reason = (string)waiting["reason"]!;
        Assert.Contains($"session {session.ProcessID} of role", reason, StringComparison.Ordinal);
        Assert.Contains("prepared transaction half of role", reason, StringComparison.Ordinal);
        Assert.Contains($"SELECT pg_terminate_backend({session.ProcessID});", reason, StringComparison.Ordinal);
        Assert.Contains("ROLLBACK PREPARED 'half';", reason, StringComparison.Ordinal);
        // Nobody else waits for the two meanwhile.
        await mesh[0].ExecuteAsync("set lock_timeout = '500ms'; insert into booking values (2, 'bystander')");
        await session.ExecuteAsync("insert into booking values (3, 'after'); commit");
        await mesh[0].ExecuteAsync("commit prepared 'half'");

        await mesh[0].AwaitTableAsync("public.booking", "committed");
        await mesh[0].ExecuteAsync("insert into booking values (4, 'open')");
        await mesh[1].AwaitTextAsync("select string_agg(id::text, ',' order by id) from booking", "4");
    }

    /// <summary>Short transactions without a pause neither hinder an opening nor lose a row by it.</summary>
    [Fact]
    public async Task Commit_UnderTransactionsOfSeveralStatements_SendsEachAsAWhole()
    {
        await using var mesh = await TestMesh.StartFullAsync(Tier.Major, Tier.Major);
        await mesh.EverywhereAsync("create table pair (id int primary key, half int, created timestamptz default clock_timestamp())");
        using var isOver = new CancellationTokenSource();
        var writers = Enumerable
            .Range(0, 3)
            .Select(writer =>
                Task.Run(async () =>
                {
                    await using var connection = await mesh[0].OpenAsync();
                    for (var number = 0; !isOver.IsCancellationRequested; number++)
                    {
                        var id = (100_000 * writer) + (2 * number);
                        await connection.ExecuteAsync($"begin; insert into pair values ({id}, 1)");
                        await connection.ExecuteAsync($"select pg_sleep(0.02); insert into pair values ({id + 1}, 2); commit");
                    }
                })
            )
            .ToArray();
        foreach (var node in mesh.Nodes)
            await node.StageAsync("public.pair");
        foreach (var node in mesh.Nodes)
            await node.CommitAsync();
        var opened = await mesh[0].TextAsync("select max(id) from pair where id < 100000");
        await Eventually.TrueAsync(
            "more is written",
            async () => await mesh[0].ScalarAsync<bool>($"select count(*) > 100 from pair where id between {opened} and 99999")
        );
        await isOver.CancelAsync();
        await Task.WhenAll(writers);

        await mesh[0].ExecuteAsync("insert into pair values (999998, 1), (999999, 2)");
        await mesh[1].AwaitTextAsync("select count(*) from pair where id >= 999998", "2");
        // Both halves of each transaction, or none; and all that began after the opening.
        Assert.Equal("0", await mesh[1].TextAsync("select count(*) from (select 1 from pair group by id / 2 having count(*) <> 2) h"));
        Assert.Equal(
            await mesh[0].TextAsync($"select count(*) from pair where id between {opened} + 2 and 99999"),
            await mesh[1].TextAsync($"select count(*) from pair where id between {opened} + 2 and 99999")
        );
    }
}
