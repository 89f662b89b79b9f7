using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Stories;

/// <summary>PostgreSQL 15 in the mesh: it forwards what it applied, and nobody takes that.</summary>
public sealed class S28_PostgreSql15
{
    private const string Written =
        "select sum(n_tup_ins), sum(n_tup_upd), sum(n_tup_del) from pg_stat_user_tables where relname in ('item', 'line', "
        + "'part_low', 'part_high')";

    private const string Content = """
        select string_agg(format('%s %s', id, v), ',' order by id) from item
        union all select string_agg(format('%s %s', id, item), ',' order by id) from line
        union all select string_agg(format('%s %s', id, v), ',' order by id) from part
        """;

    private const string Tables = """
        create table item (id int primary key, v text);
        create table line (id int primary key, item int references item (id) on delete cascade);
        create table part (id int primary key, v text) partition by range (id);
        create table part_low partition of part for values from (0) to (100);
        create table part_high partition of part for values from (100) to (200);
        """;

    // How a session can write, once each: the rows that the next line expects.
    private static readonly (string Sql, int Inserts, int Updates, int Deletes)[] Ways =
    [
        ("insert into item values (1, 'one'), (2, 'two'), (3, 'three')", 3, 0, 0),
        (
            "begin; savepoint a; update item set v = 'undone' where id = 1; rollback to a; insert into item values (4, "
                + "'four'); savepoint b; update item set v = 'one!' where id = 1; release b; commit",
            1,
            1,
            0
        ),
        (
            "set session_replication_role = replica; insert into item values (5, 'as a replica'); insert into part values "
                + "(105, 'as a replica')",
            2,
            0,
            0
        ),
        ("insert into item values (4, '') on conflict (id) do update set v = 'four!'", 0, 1, 0),
        (
            "merge into item using (values (5), (6)) x (i) on id = i when matched then update set v = 'five' when not matched "
                + "then insert values (i, 'six')",
            1,
            1,
            0
        ),
        ("insert into line values (1, 1), (2, 2), (3, 2)", 3, 0, 0),
        ("delete from item where id = 2", 0, 0, 3),
        ("insert into part values (1, 'low'), (101, 'high')", 2, 0, 0),
        ("insert into part_low values (2, 'directly')", 1, 0, 0),
        ("update part set id = 102 where id = 2", 1, 0, 1),
        (
            "do $$ begin insert into item values (7, 'x'); begin insert into item values (7, 'y'); exception when "
                + "unique_violation then update item set v = 'seven' where id = 7; end; end $$",
            1,
            1,
            0
        ),
        ("with gone as (delete from item where id = 3 returning *) insert into item select 8, v from gone", 1, 0, 1),
    ];

    public static TheoryData<int[]> Meshes =>
        Tier.IsAll ? new() { new[] { 15, 15 }, new[] { 15, 15, 15 }, new[] { 15, 16, 17, 18 } } : new() { new[] { 15, 16, 17, 18 } };

    [Theory]
    [Trait("Tier", "turn")]
    [MemberData(nameof(Meshes))]
    public async Task Write_InEveryWayOnEveryNode_EachChangeIsAppliedOnceEverywhere(int[] majors)
    {
        await using var mesh = await StartAsync(majors);
        foreach (var node in mesh.Nodes)
        {
            foreach (var way in Ways)
                await node.ExecuteAsync(way.Sql);
            await mesh.AgreeAsync(Content, await node.TextAsync(Content));
            await TruncateAsync(mesh, node);
            foreach (var other in mesh.Nodes)
                await other.AwaitTextAsync(Written, Expected(mesh.Nodes.Count, node.Id + 1, hasWritten: other.Id <= node.Id));
            // The next node uses the same keys. Where one is still contested, its rows are announced, and a row that it
            // has deleted by then comes back for a moment.
            await mesh.AgreeAsync(
                "select count(*) from (select from trktr.overwrite_log union all select from trktr.contested_key) t",
                "0"
            );
        }

        var written = await Task.WhenAll(mesh.Nodes.Select(node => node.TextAsync(Written)));
        await Eventually.StaysTrueAsync(
            "nothing is written any more",
            TimeSpan.FromSeconds(5),
            async () => Enumerable.SequenceEqual(written, await Task.WhenAll(mesh.Nodes.Select(node => node.TextAsync(Written))))
        );
        // A change of a row that another node wrote a moment before is on record as such, whoever knew of it.
        await mesh.AgreeAsync("select count(*) from trktr.history where resolved_by is distinct from 'convergence'", "0");
        // The arbiter's own heartbeats are marked too; what was there before them has been cleared.
        await mesh.AgreeAsync("select count(*) < 40 from trktr.origin_mark", "True");
        await mesh.AgreeAsync("select sum(apply_error_count) from pg_stat_subscription_stats", "0");
    }

    [Theory]
    [MemberData(nameof(Meshes))]
    [Trait("Tier", "all")]
    public async Task Update_RowsThatCameFromElsewhere_ReachesEveryNode(int[] majors)
    {
        await using var mesh = await StartAsync(majors);
        foreach (var node in mesh.Nodes)
            await node.ExecuteAsync($"insert into item values ({node.Id}, 'from {node.Id}')");
        await mesh.AgreeAsync("select count(*) from item", $"{majors.Length}");
        foreach (var node in mesh.Nodes)
        {
            await node.ExecuteAsync($"update item set v = v || ',{node.Id}'");
            var history = string.Concat(Enumerable.Range(0, node.Id + 1).Select(id => $",{id}"));
            await mesh.AgreeAsync(
                "select string_agg(v, ' ' order by id) from item",
                string.Join(' ', mesh.Nodes.Select(other => $"from {other.Id}{history}"))
            );
        }
    }

    [Theory]
    [InTurn(15, 15, 15)]
    [InTurn(18, 15, 16)]
    [InTurn(16, 18, 15)]
    [Trait("Tier", "all")]
    public async Task Delete_ForwardedLate_DoesNotTouchTheRowThatWasInsertedAnew(int first, int second, int third)
    {
        await using var mesh = await StartAsync([first, second, third]);
        await mesh[0].ExecuteAsync("insert into item values (1, 'old'), (2, 'old')");
        await mesh.AgreeAsync("select count(*) from item", "2");
        mesh.Link(1, 2).Delay = TimeSpan.FromSeconds(3);
        await mesh[0].ExecuteAsync("delete from item where id = 1; update item set v = 'newer' where id = 2");
        await mesh.AgreeAsync("select string_agg(v, ',' order by id) from item", "newer");
        await mesh[2].ExecuteAsync("insert into item values (1, 'anew'); update item set v = 'newest' where id = 2");
        await mesh.AgreeAsync("select string_agg(v, ',' order by id) from item", "anew,newest");

        // By now the forwarded delete has been on its way for less than the delay; wait until node 2 has surely seen
        // it.
        await mesh[1].ExecuteAsync("insert into item values (3, 'behind it')");
        await mesh.AgreeAsync("select string_agg(v, ',' order by id) from item", "anew,newest,behind it");
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Leave_AMixedMesh_NoObjectOfOursIsLeft()
    {
        await using var mesh = await TestMesh.StartAsync(15, 18);
        await mesh.EverywhereAsync(Tables);
        var before = await Task.WhenAll(mesh.Nodes.Select(CatalogSnapshot.TakeAsync));
        await mesh.ConnectAllAsync();
        await ReplicateAsync(mesh);
        await mesh[0].ExecuteAsync("insert into item values (1, 'one')");
        await mesh.AgreeAsync("select count(*) from item", "1");
        foreach (var node in mesh.Nodes)
            (await node.Api.DeleteAsync("/v1/arbiter/control")).Expect(200);
        Assert.Equal(before, await Task.WhenAll(mesh.Nodes.Select(CatalogSnapshot.TakeAsync)));
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Remove_ATable_ItsTriggersGo()
    {
        const string Ours =
            "select count(*) from pg_trigger where tgrelid = 'line'::regclass and tgname in ('trktr_mark', 'trktr_truncating', "
            + "'trktr_truncated', '!trktr_filter')";
        await using var mesh = await StartAsync(15, 16);
        await mesh.AgreeAsync(Ours, "4");
        foreach (var node in mesh.Nodes)
        {
            await node.UnstageAsync("public.line");
            await node.CommitAsync();
        }

        await mesh.AgreeAsync(Ours, "0");
        // And they come back when somebody takes one away.
        await mesh[1].ExecuteAsync("drop trigger trktr_mark on item; alter table item disable trigger \"!trktr_filter\"");
        await mesh.AgreeAsync(
            "select string_agg(format('%s%s', tgname, tgenabled), ',' order by tgname) from pg_trigger where tgrelid = "
                + "'item'::regclass and tgname in ('trktr_mark', 'trktr_truncating', 'trktr_truncated', '!trktr_filter')",
            "!trktr_filterR,trktr_markA,trktr_truncatedA,trktr_truncatingA"
        );
    }

    private static async Task<TestMesh> StartAsync(params int[] majors)
    {
        var mesh = await TestMesh.StartFullAsync(majors);
        await mesh.EverywhereAsync(Tables);
        await ReplicateAsync(mesh);
        return mesh;
    }

    private static async Task ReplicateAsync(TestMesh mesh)
    {
        foreach (var node in mesh.Nodes)
        {
            await node.StageAsync("public.item");
            await node.StageAsync("public.line");
            await node.StageAsync("public.part");
            await node.CommitAsync();
        }
    }

    /// <summary>
    /// What a node's own statistics say when nothing came twice and nothing came back. On the node that wrote, an
    /// update and an insert that were undone count too.
    /// </summary>
    private static string Expected(int nodes, int rounds, bool hasWritten)
    {
        var undone = hasWritten ? 1 : 0;
        var inserts = (rounds * (Ways.Sum(way => way.Inserts) + nodes)) + undone;
        var updates = (rounds * Ways.Sum(way => way.Updates)) + undone;
        var deletes = rounds * (Ways.Sum(way => way.Deletes) + nodes);
        return $"{inserts}|{updates}|{deletes}";
    }

    /// <summary>
    /// Empties tables that refer to one another in one statement, with a row written behind it in the same transaction,
    /// and sees it arrive once and never again.
    /// </summary>
    private static async Task TruncateAsync(TestMesh mesh, MeshNode node)
    {
        await node.ExecuteAsync("begin; truncate item, line, part; insert into item values (99, 'behind it'); commit");
        await mesh.AgreeAsync(Content, "99 behind it\n\n");
        foreach (var other in mesh.Nodes.Where(other => other != node))
            await other.ExecuteAsync($"insert into item values ({50 + other.Id}, 'after it')");
        await mesh.AgreeAsync("select count(*) from item", $"{mesh.Nodes.Count}");
        await node.ExecuteAsync("delete from item");
        await mesh.AgreeAsync("select count(*) from item", "0");
    }
}
