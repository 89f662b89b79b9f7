using System.Text.RegularExpressions;
using Traktor.E2ETests.Detector;
using Traktor.E2ETests.Healing;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Convergence;

/// <summary>
/// A heartbeat says only what has been looked at and answered, and what cannot be done yet keeps nothing else from its
/// turn.
/// </summary>
public sealed class OverwriteProcessorTests
{
    private const string Vector = "select b.vector from trktr.heartbeat b, trktr.identity i where b.node_id = i.node_id";

    [Fact]
    [Trait("Tier", "all")]
    public async Task Rows_ThatCannotBeWritten_HoldBackWhatHeartbeatsSay_AndNoOtherRow()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        await ApartAsync(mesh, ("stuck", 400), ("moving", 20));
        await mesh[1].ExecuteAsync("alter table stuck add constraint no_ones check (v <> 'one') not valid");
        Split.Heal(mesh, 1);
        await mesh[1].AwaitTextAsync("select string_agg(distinct v, ' ') from (table stuck union all table moving) t", "zero");

        await mesh[1].Arbiter.StartAsync();
        await mesh.AgreeAsync("select string_agg(distinct v, ' '), count(*) from moving", "one|20");
        await WatchedTable.AwaitOwnHeartbeatsAsync(mesh[1], 1);
        var said = await mesh[1].TextAsync(Vector);
        await WatchedTable.AwaitHeartbeatsAsync(mesh[1], 2);
        await WatchedTable.AwaitOwnHeartbeatsAsync(mesh[1], 2);
        Assert.Equal(said, await mesh[1].TextAsync(Vector));
        Assert.Equal("zero", await mesh[1].TextAsync("select string_agg(distinct v, ' ') from stuck"));

        var found = (await mesh[1].Api.GetAsync("/v1/arbiter/preflight")).Expect(200).Json["findings"]!
            .AsArray()
            .Single(finding => (string?)finding!["check"] == "convergence")!;
        Assert.Contains("A row of public.stuck, key {\"id\": ", (string?)found["found"], StringComparison.Ordinal);
        Assert.Contains("no_ones", (string?)found["found"], StringComparison.Ordinal);

        await mesh[1].ExecuteAsync("alter table stuck drop constraint no_ones");
        await mesh.AgreeAsync("select string_agg(distinct v, ' '), count(*) from stuck", "one|400");
        await Eventually.TrueAsync("heartbeats say more again", async () => await mesh[1].TextAsync(Vector) != said, mesh.Diagnose);
        await mesh.AgreeAsync("select count(*) from trktr.contested_key", "0");
        Assert.DoesNotContain(
            (await mesh[1].Api.GetAsync("/v1/arbiter/preflight")).Expect(200).Json["findings"]!.AsArray(),
            finding => (string?)finding!["check"] == "convergence"
        );
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Row_HeldByAnApplication_KeepsNoOtherWaiting_AndHeartbeatsGoOn()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        await ApartAsync(mesh, ("altered", 500), ("held", 300));
        Split.Heal(mesh, 1);
        await mesh[1].AwaitTextAsync("select string_agg(distinct v, ' ') from (table held union all table altered) t", "zero");
        await using (var application = await mesh[1].OpenAsync())
        {
            await using var transaction = await application.BeginTransactionAsync();
            await using var hold = new Npgsql.NpgsqlCommand(
                "select from held where id % 2 = 0 for update; alter table altered add column w int",
                application
            );
            await hold.ExecuteNonQueryAsync();
            await mesh[1].Arbiter.StartAsync();
            await mesh[1].AwaitTextAsync("select v, count(*) from held group by v order by v", "one|150\nzero|150");
            await WatchedTable.AwaitOwnHeartbeatsAsync(mesh[1], 1);
            var said = await mesh[1].TextAsync(Vector);
            await WatchedTable.AwaitOwnHeartbeatsAsync(mesh[1], 3);
            Assert.Equal(said, await mesh[1].TextAsync(Vector));
        }

        await mesh.AgreeAsync(
            "select (select count(*) from held where v = 'one'), (select count(*) from altered where v = 'one')",
            "300|500"
        );
        await mesh.AgreeAsync("select count(*) from trktr.contested_key", "0");
    }

    /// <summary>
    /// More hits than one round looks at: each heartbeat with news is behind the last of those that had arrived before
    /// the arbiter was there to look.
    /// </summary>
    [Fact]
    [Trait("Tier", "all")]
    public async Task Heartbeat_SaysNothingNew_UntilABacklogIsWorkedOff()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        await ApartAsync(mesh, ("many", 21000));
        Split.Heal(mesh, 1);
        await mesh[1].AwaitTextAsync("select string_agg(distinct v, ' ') from many", "zero");
        var last = await mesh[1].TextAsync("select max(id) from trktr.overwrite_log");
        Assert.Equal("21000", await mesh[1].TextAsync("select count(*) from trktr.overwrite_log where table_name = 'many'"));
        await mesh[0].AwaitTextAsync("select count(*) from trktr.contested_key", "21000");
        await Eventually.TrueAsync(
            "node 0 reports about how many contested keys it has",
            async () =>
                (await mesh[0].Api.GetAsync("/v1/arbiter/preflight")).Expect(200).Json["findings"]!
                    .AsArray()
                    .Any(finding =>
                        (string?)finding!["check"] == "contested_keys"
                        && Regex.IsMatch((string)finding["found"]!, "^About 2[01][0-9]{3} contested keys wait in")
                    ),
            mesh.Diagnose
        );
        await mesh[1]
            .ExecuteAsync(
                $"""
                create table said (waiting bigint);
                create function note_said() returns trigger language plpgsql as $$
                begin
                    insert into public.said select count(*) from trktr.overwrite_log where id <= {last};
                    return null;
                end
                $$;
                create trigger note_said
                after update on trktr.heartbeat
                for each row when (new.node_id = 1 and new.vector is distinct from old.vector)
                execute function note_said();
                """
            );

        await mesh[1].Arbiter.StartAsync();
        await Split.AwaitEqualAsync(mesh, "many", TimeSpan.FromMinutes(3));
        await Eventually.TrueAsync(
            "a heartbeat says something new",
            async () => await mesh[1].TextAsync("select count(*) from said") != "0",
            mesh.Diagnose
        );
        Assert.Equal("0", await mesh[1].TextAsync("select max(waiting) from said"));

        // More keys than are forgotten at a time.
        await mesh.AgreeAsync("select count(*) from trktr.contested_key", "0");
    }

    /// <summary>
    /// Makes tables and fills them, ends the arbiter of node 1 and cuts it off, then writes all rows on both sides,
    /// node 1 last.
    /// </summary>
    private static async Task ApartAsync(TestMesh mesh, params (string Table, int Rows)[] tables)
    {
        foreach (var (table, rows) in tables)
        {
            await mesh.ReplicateAsync($"public.{table}", $"create table {table} (id int primary key, v text)");
            await mesh[0].ExecuteAsync($"insert into {table} select i, 'first' from generate_series(1, {rows}) i");
            await mesh.AgreeAsync($"select count(*) from {table}", $"{rows}");
        }

        foreach (var (table, _) in tables)
            await WatchedTable.AwaitStableAsync(mesh, table);
        await mesh[1].Arbiter.KillAsync();
        Split.Cut(mesh, 1);
        foreach (var (node, value) in new[] { (0, "zero"), (1, "one") })
        foreach (var (table, _) in tables)
            await mesh[node].ExecuteAsync($"update {table} set v = '{value}'");
    }
}
