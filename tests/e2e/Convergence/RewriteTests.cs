using Traktor.E2ETests.Detector;
using Traktor.E2ETests.Healing;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Convergence;

/// <summary>
/// A statement that rewrites a table gives every row its own xmin, and so a stamp that says nothing of when the row was
/// written: what was written before it on another node must not lose against it.
/// </summary>
public sealed class RewriteTests
{
    private const string Bigint = "alter table {0} alter column n type bigint";

    /// <summary>
    /// Each table has rows (1, 'old') and (2, 'old') on both nodes. While they are apart, node 1 writes what
    /// <c>Early</c> says, then node 0 writes what <c>Late</c> says, then statements run on both or on one of them.
    /// </summary>
    private static readonly Case[] Cases =
    [
        new("both", Update("late"), "", Bigint, Bigint, "1:late 2:old"),
        new("receiver", Update("late"), "", "", Bigint, "1:late 2:old"),
        new("sender", Update("late"), "", Bigint, "", "1:late 2:old"),
        new("contested", Update("late"), Update("early"), Bigint, Bigint, "1:late 2:old"),
        new("contested_loser", Update("late"), Update("early"), "", Bigint, "1:late 2:old"),
        new("contested_winner", Update("late"), Update("early"), Bigint, "", "1:late 2:old"),
        new("inserted", "insert into {0} values (3, 'late')", "insert into {0} values (3, 'early')", "", Bigint, "1:old 2:old 3:late"),
        new(
            "inserted_winner",
            "insert into {0} values (3, 'late')",
            "insert into {0} values (3, 'early')",
            Bigint,
            "",
            "1:old 2:old 3:late"
        ),
        new("deleted", "delete from {0} where id = 1", Update("early"), Bigint, Bigint, "2:old"),
        new("keyed", "update {0} set id = 9 where id = 1", "", Bigint, Bigint, "2:old 9:old"),
        new("excluded", "insert into {0} values (4, 'x', 7)", "insert into {0} values (5, 'x', 7)", "", Bigint, "1:old 2:old 4:x")
        {
            Columns = "n int unique",
        },
        new(
            "volatile",
            Update("late"),
            "",
            "alter table {0} add c float default random() * 0",
            "alter table {0} add c float default random() * 0",
            "1:late 2:old"
        ),
        new(
            "stored",
            Update("late"),
            "",
            "alter table {0} add c int generated always as (id * 2) stored",
            "alter table {0} add c int generated always as (id * 2) stored",
            "1:late 2:old"
        ),
        new(
            "twice",
            Update("late"),
            "",
            $"{Bigint}; alter table {{0}} alter column n type numeric; vacuum full {{0}}",
            $"{Bigint}; alter table {{0}} alter column n type numeric; alter table {{0}} owner to session_user; "
                + "alter table {0} alter column n set default 1; reindex table {0}; vacuum full {0}",
            "1:late 2:old"
        ),
        new("narrow", "update {0} set v = 7 where id = 1", "", Bigint, Bigint, "1:7 2:0") { Value = "integer", Old = "0" },
        new("parted", Update("late"), Update("early"), Bigint, Bigint, "1:late 2:old")
        {
            Tail = "partition by range (id)",
            After = "create table {0}_all partition of {0} default",
        },
        new("vacuumed", Update("late"), Update("early"), "vacuum full {0}", "vacuum full {0}", "1:late 2:old"),
        new(
            "clustered",
            Update("late"),
            Update("early"),
            "cluster {0} using rw_clustered_pkey",
            "cluster {0} using rw_clustered_pkey",
            "1:late 2:old"
        ),
        new("first", "insert into {0} values (3, 'late')", "insert into {0} values (3, 'early')", Bigint, Bigint, null)
        {
            Policy = "first_update_wins",
        },
        new("priority", "insert into {0} values (3, 'late')", "insert into {0} values (3, 'early')", "", Bigint, null)
        {
            Policy = "node_priority",
        },
    ];

    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(16, false)]
    [InTurn(18, false)]
    [InTurn(18, true)]
    [TierAll(15, false)]
    [TierAll(17, true)]
    public async Task Row_WrittenBeforeItsTableWasRewritten_KeepsItsPlace(int major, bool withoutArbiters)
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major);
        foreach (var one in Cases)
        {
            await mesh.EverywhereAsync(
                one.Say($"create table {{0}} (id int primary key, v {one.Value}, {one.Columns}) {one.Tail}; {one.After}")
            );
            foreach (var node in mesh.Nodes)
                await node.StageAsync(one.Table);
        }

        foreach (var node in mesh.Nodes)
            await node.CommitAsync();
        foreach (var one in Cases)
        {
            if (one.Policy is { } policy)
                (await mesh[0].Api.PutAsync($"/v1/arbiter/policy/{one.Table}?scope=mesh", new { policy })).Expect(200);
            await mesh[0].ExecuteAsync(one.Say($"insert into {{0}} (id, v) values (1, '{one.Old}'), (2, '{one.Old}')"));
        }

        foreach (var one in Cases)
            await Split.AwaitEqualAsync(mesh, one.Table);
        if (withoutArbiters)
            await WatchedTable.WithoutArbitersAsync(mesh, () => PlayAsync(mesh, () => ReconnectAsync(mesh)));
        else
            await PlayAsync(mesh, () => Task.CompletedTask);

        foreach (var one in Cases)
            await Split.AwaitEqualAsync(mesh, $"(select id, v from {one.Table})");
        await mesh.RestAsync();
        foreach (var one in Cases)
        {
            await Split.AwaitEqualAsync(mesh, $"(select id, v from {one.Table})");
            if (one.Rows is { } rows)
                Assert.Equal(
                    $"{one.Name} {rows}",
                    $"{one.Name} {await mesh[0].TextAsync($"select string_agg(id || ':' || v, ' ' order by id) from {one.Table}")}"
                );
        }
    }

    private static async Task PlayAsync(TestMesh mesh, Func<Task> then)
    {
        Split.CutAll(mesh);
        foreach (var one in Cases.Where(one => one.Early.Length > 0))
            await mesh[1].ExecuteAsync(one.Say(one.Early));
        foreach (var one in Cases)
            await mesh[0].ExecuteAsync(one.Say(one.Late));
        foreach (var one in Cases)
            for (var node = 0; node < 2; node++)
                foreach (var statement in one.Say(node == 0 ? one.On0 : one.On1).Split(';', StringSplitOptions.RemoveEmptyEntries))
                    await mesh[node].ExecuteAsync(statement);
        Split.HealAll(mesh);
        await then();
    }

    /// <summary>
    /// Waits until the servers' own workers have tried: what stops them, the arbiters find when they are back.
    /// </summary>
    private static async Task ReconnectAsync(TestMesh mesh)
    {
        foreach (var node in mesh.Nodes)
            await node.AwaitTextAsync(
                "select bool_and(apply_error_count > 0 or exists (select from trktr.overwrite_log)) from pg_stat_subscription_stats",
                "True"
            );
    }

    private static string Update(string value) => $"update {{0}} set v = '{value}' where id = 1";

    private sealed record Case(string Name, string Late, string Early, string On0, string On1, string? Rows)
    {
        public string Table => $"public.rw_{Name}";

        public string Columns { get; init; } = "n int";

        public string Value { get; init; } = "text";

        public string Old { get; init; } = "old";

        public string Tail { get; init; } = "";

        public string After { get; init; } = "";

        public string? Policy { get; init; }

        public string Say(string statement) => statement.Replace("{0}", Table, StringComparison.Ordinal);
    }
}
