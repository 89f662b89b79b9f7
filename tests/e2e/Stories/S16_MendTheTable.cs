using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// What is no conflict stays stopped, explained, without spinning, and goes on once the table is mended.
/// </summary>
public sealed class S16_MendTheTable
{
    [Theory]
    [InTurn(16, "alter table item add column extra int default 7", "alter table item add column extra int", "55000", "extra")]
    [InTurn(17, "", "alter table item alter column note drop not null", "23502", "note")]
    [InTurn(
        18,
        "drop trigger trktr_detect_key_change on item; alter table item alter column id type bigint",
        "drop trigger trktr_detect_key_change on item; alter table item alter column id type bigint",
        "22003",
        "DROP TRIGGER trktr_detect_key_change"
    )]
    [InTurn(15, "", "alter table item drop constraint short", "23514", "short")]
    [InTurn(18, "", "alter table item_elsewhere rename to item", "42P01", "does not exist")]
    public async Task Drift_OnOneNode_StoppedAndExplainedThenGoesOnByItself(
        int major,
        string changeOn0,
        string mendOn1,
        string sqlState,
        string words
    )
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major);
        await mesh.ReplicateAsync("public.item", "create table public.item (id int primary key, name text, note text)");
        await mesh[0].ExecuteAsync("insert into item values (1, 'before', 'x')");
        await mesh.AgreeAsync("select count(*) from item", "1");
        await mesh[0].ExecuteAsync(changeOn0.Length > 0 ? changeOn0 : "select 1");
        var (prepare, row) = sqlState switch
        {
            "23502" => ("alter table item alter column note set not null", "(2, 'drifted', null)"),
            "23514" => ("alter table item add constraint short check (length(name) < 5) not valid", "(2, 'drifted', 'x')"),
            "42P01" => ("alter table item rename to item_elsewhere", "(2, 'drifted', 'x')"),
            "22003" => ("select 1", "(5000000000, 'drifted', 'x')"),
            _ => ("select 1", "(2, 'drifted', 'x')"),
        };
        await mesh[1].ExecuteAsync(prepare);
        await mesh[0]
            .ExecuteAsync($"insert into item (id, name, note) values {row}; insert into item (id, name, note) values (3, 'ok', 'x')");

        await Eventually.TrueAsync(
            "the subscription is stopped, and says why",
            async () =>
                await StateAsync(mesh[1]) is ("stopped", { } error)
                && error.Contains(sqlState, StringComparison.Ordinal)
                && error.Contains(words, StringComparison.Ordinal),
            mesh.Diagnose
        );
        Assert.Equal(
            $"apply_error|{sqlState}|",
            await mesh[1].TextAsync("select conflict_type, sql_state_code, resolved from trktr.history")
        );
        Assert.True((bool)(await mesh[1].Api.GetAsync("/v1/arbiter/status")).Expect(200).Json["is_tainted"]!);

        // It does not spin: nothing is logged twice by the server in the meantime, and status answers.
        var errors = await ErrorsAsync(mesh[1]);
        await Task.WhenAll(
            Enumerable
                .Range(0, 40)
                .Select(async i =>
                {
                    await Task.Delay(i * 50);
                    (await mesh[1].Api.GetAsync("/v1/arbiter/status")).Expect(200);
                })
        );
        Assert.Equal(errors, await ErrorsAsync(mesh[1]));

        await mesh[1].ExecuteAsync(mendOn1);
        await Eventually.TrueAsync(
            "all rows are there",
            async () => await mesh[1].TextAsync("select count(*) from item") == "3",
            mesh.Diagnose
        );
        Assert.Equal("mended", await mesh[1].TextAsync("select resolved_by from trktr.history"));
        await Eventually.TrueAsync("it runs", async () => (await StateAsync(mesh[1])).State is "streaming", mesh.Diagnose);
    }

    private static async Task<(string State, string? Error)> StateAsync(MeshNode node)
    {
        var subscription = (await node.Api.GetAsync("/v1/arbiter/subscription")).Expect(200).Json["subscriptions"]!.AsArray()[0]!;
        return ((string)subscription["state"]!, (string?)subscription["last_error"]);
    }

    private static Task<string> ErrorsAsync(MeshNode node) => node.TextAsync("select apply_error_count from pg_stat_subscription_stats");
}
