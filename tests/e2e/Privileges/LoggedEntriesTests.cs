using Npgsql;
using Traktor.E2ETests.Detector;
using Traktor.E2ETests.Healing;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;

namespace Traktor.E2ETests.Privileges;

/// <summary>
/// A role that may change the keys of a table has to log that in <c>trktr.overwrite_log</c>. What it logs by hand stops
/// nothing: an entry that cannot be processed is set aside and named.
/// </summary>
public sealed class LoggedEntriesTests
{
    private const string Log = "insert into trktr.overwrite_log (schema_name, table_name, key, operation, new_row) values ";

    [Fact]
    public async Task Entry_ThatCannotBeProcessed_IsSetAsideAndNamedAndStopsNothing()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        await mesh.ReplicateAsync("public.item", "create table public.item (id integer primary key, note text)");
        await mesh.EverywhereAsync("create role clerk login password 'of-clerk'; grant select, insert, update on public.item to clerk");
        await using (var clerk = await mesh[0].OpenAsAsync("clerk", "of-clerk"))
            foreach (var key in (string[])["no JSON", "{\"id\": \"x\"}", "{\"id\": \"99999999999\"}", "[]", "{}"])
                await clerk.ExecuteAsync($"{Log} ('public', 'item', '{key}', 'I', '{{}}')");

        // Conflicts of other rows, and of those that come later, are resolved meanwhile.
        await mesh[0].ExecuteAsync("insert into public.item select i, 'before' from generate_series(1, 20) i");
        await Split.AwaitEqualAsync(mesh, "public.item");
        Split.Cut(mesh, 1);
        foreach (var node in mesh.Nodes)
            await node.ExecuteAsync($"update public.item set note = 'of {node.Id}'");
        Split.Heal(mesh, 1);
        await mesh.AgreeAsync("select distinct note from public.item", "of 1");
        await mesh[0].AwaitTextAsync("select count(*) from trktr.overwrite_log", "0");
        await WatchedTable.AwaitOwnHeartbeatsAsync(mesh[0], 2);

        var status = await mesh[0].StatusAsync();
        var aside = (long)status["convergence"]!["set_aside"]!;
        Assert.InRange(aside, 3, 5);
        Assert.True((bool)status["is_tainted"]!);
        var finding = await FindingAsync(mesh[0]);
        await Eventually.TrueAsync(
            "the status says the same, once no stream has an error that comes first",
            async () =>
                (string?)(await mesh[0].StatusAsync())["problem"] is { } problem && finding.StartsWith(problem, StringComparison.Ordinal),
            mesh.Diagnose
        );
        Assert.Contains("public.item, key no JSON: invalid input syntax for type json", finding, StringComparison.Ordinal);
        Assert.Contains("SELECT trktr.process_again(", finding, StringComparison.Ordinal);

        // Processed again, it is set aside again; deleted, it is gone.
        Assert.True(await mesh[0].ScalarAsync<bool>("select trktr.process_again(min(id)) from trktr.set_aside"));
        await mesh[0].AwaitTextAsync("select count(*), (select count(*) from trktr.overwrite_log) from trktr.set_aside", $"{aside}|0");
        await mesh[0].ExecuteAsync("delete from trktr.set_aside");
        await mesh[0].AwaitTextAsync("select trktr.process_again(1)", "False");
        await Eventually.TrueAsync(
            "the node is well again",
            async () =>
                await mesh[0].StatusAsync() is var status
                && !(bool)status["is_tainted"]!
                && status["problem"] is null
                && await FindingAsync(mesh[0]) == "",
            mesh.Diagnose
        );
    }

    /// <summary>
    /// The nodes' tables differ, so that a winner of one cannot be read on the other, until the table is fixed.
    /// </summary>
    [Fact]
    public async Task Winner_WhoseKeyDoesNotFit_IsSetAsideAndProcessedOnceTheTableIsFixed()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        await mesh.ReplicateAsync("public.item", "create table public.item (id bigint primary key, note text)");
        await mesh[0].ExecuteAsync("insert into public.item values (1, 'before')");
        await Split.AwaitEqualAsync(mesh, "public.item");
        await mesh[0]
            .ExecuteAsync(
                """
                insert into trktr.winner (node_id, seq, schema_name, table_name, key, stamp_at, stamp_node, image)
                values (0, nextval('trktr.winner_seq'), 'public', 'item', '{"id": "eins"}', now(), 0,
                    '{"id":"eins","note":"of 0"}')
                """
            );
        await mesh[1].AwaitTextAsync("select count(*) from trktr.set_aside", "1");
        await mesh[1].AwaitTextAsync("select count(*) from trktr.winner", "0");

        await mesh[1].ExecuteAsync("update trktr.set_aside set key = '{\"id\": \"1\"}', new_row = '{\"id\":\"1\",\"note\":\"of 0\"}'");
        await mesh[1].ExecuteAsync("select trktr.process_again(id) from trktr.set_aside");
        await mesh.AgreeAsync("select note from public.item", "of 0");
    }

    [Fact]
    public async Task Role_ThatMayNotChangeKeys_LogsNothing_AndNobodyAnotherTransactionOrTime()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        await mesh.ReplicateAsync("public.item", "create table public.item (id integer primary key, note text)");
        await mesh[0]
            .ExecuteAsync(
                "create role reader login password 'of-reader'; grant select, update (note) on public.item to reader; "
                    + "create role clerk login password 'of-clerk'; grant select, update on public.item to clerk"
            );
        await using var reader = await mesh[0].OpenAsAsync("reader", "of-reader");
        await RefusedAsync(reader, $"{Log} ('public', 'item', '{{\"id\": \"1\"}}', 'I', '{{}}')");
        await using var clerk = await mesh[0].OpenAsAsync("clerk", "of-clerk");
        await RefusedAsync(clerk, $"{Log} ('public', 'item', '{{\"id\": \"1\"}}', 'D', '{{}}')");
        await RefusedAsync(clerk, $"{Log} ('public', 'other', '{{\"id\": \"1\"}}', 'I', '{{}}')");
        foreach (
            var (column, value) in (ValueTuple<string, string>[])
                [
                    ("logged_at", "'infinity'"),
                    ("xid", "'3'"),
                    ("recorded", "'a'"),
                    ("is_refused", "true"),
                    ("new_at", "'infinity'"),
                    ("new_node", "1"),
                ]
        )
            await RefusedAsync(
                clerk,
                $"insert into trktr.overwrite_log (schema_name, table_name, key, operation, new_row, {column}) values ('public', 'item', "
                    + $"'{{\"id\": \"1\"}}', 'I', '{{}}', {value})"
            );
        await RefusedAsync(clerk, "select trktr.process_again(1)");
        Assert.Equal("0", await mesh[0].TextAsync("select count(*) from trktr.overwrite_log"));
    }

    private static async Task<string> FindingAsync(MeshNode node)
    {
        var found = (await node.Api.GetAsync("/v1/arbiter/preflight")).Expect(200).Json["findings"]!
            .AsArray()
            .FirstOrDefault(finding => (string?)finding!["check"] == "set_aside");
        return $"{found?["found"]}{found?["hint"]}";
    }

    private static async Task RefusedAsync(NpgsqlConnection session, string statement) =>
        Assert.Equal(
            PostgresErrorCodes.InsufficientPrivilege,
            (await Assert.ThrowsAsync<PostgresException>(() => session.ExecuteAsync(statement))).SqlState
        );
}
