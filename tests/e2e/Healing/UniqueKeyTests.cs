using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Healing;

/// <summary>Rows of different keys that exclude one another: the smaller stamp loses its row, on every node.</summary>
public sealed class UniqueKeyTests
{
    private static readonly (string On0, string On1) Existing = ("insert_exists", "insert_exists");

    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(16)]
    [InTurn(17)]
    [InTurn(18)]
    public Task UniqueKeys_HeldByAnotherRow_TheSmallerStampLosesItsRow(int major) =>
        ContestedTable.PlayAsync(
            major,
            new ContestedTable(
                "uq_insert",
                "id int primary key, email text unique",
                "insert into uq_insert values (1, 'x'), (5, 'five')",
                "insert into uq_insert values (2, 'x'), (6, 'six')",
                "(2,x) (5,five) (6,six)",
                Types: Existing
            ),
            new ContestedTable(
                "uq_partial",
                "id int primary key, email text, live boolean",
                "insert into uq_partial values (1, 'x', true), (3, 'x', false)",
                "insert into uq_partial values (2, 'x', true), (4, 'x', false)",
                "(2,x,t) (3,x,f) (4,x,f)",
                After: "create unique index on uq_partial (email) where live",
                Types: Existing
            ),
            new ContestedTable(
                "uq_expression",
                "id int primary key, email text",
                "insert into uq_expression values (1, 'X')",
                "insert into uq_expression values (2, 'x')",
                "(2,x)",
                After: "create unique index on uq_expression (lower(email))",
                Types: Existing
            ),
            new ContestedTable(
                "uq_nulls",
                "id int primary key, a int, unique nulls not distinct (a)",
                "insert into uq_nulls values (1, null)",
                "insert into uq_nulls values (2, null)",
                "(2,)",
                Types: Existing
            ),
            new ContestedTable(
                "uq_two",
                "id int primary key, a text unique, b text unique",
                "insert into uq_two values (1, 'a', 'p'), (2, 'b', 'q')",
                "insert into uq_two values (3, 'a', 'q')",
                "(3,a,q)",
                Types: ("insert_exists insert_exists", "multiple_unique_conflicts")
            ),
            new ContestedTable(
                "uq_key_and",
                "id int primary key, a text unique",
                "insert into uq_key_and values (1, 'a'), (2, 'b')",
                "insert into uq_key_and values (1, 'b')",
                "(1,b)",
                Types: ("insert_exists insert_exists", "multiple_unique_conflicts")
            ),
            new ContestedTable(
                "uq_leaf",
                "id int primary key, v text",
                "insert into uq_leaf values (1, 'x'), (11, 'x')",
                "insert into uq_leaf values (2, 'x'), (12, 'x')",
                "(11,x) (12,x) (2,x)",
                After: "create table uq_leaf_1 partition of uq_leaf for values from (0) to (10); create table uq_leaf_2 partition of "
                    + "uq_leaf for values from (10) to (20); create unique index on uq_leaf_1 (v)",
                Types: Existing
            )
            {
                Tail = "partition by range (id)",
            },
            new ContestedTable(
                "uq_update",
                "id int primary key, email text unique",
                "update uq_update set email = 'z' where id = 1",
                "update uq_update set email = 'z' where id = 2",
                "(2,z) (3,c)",
                Before: "insert into uq_update values (1, 'a'), (2, 'b'), (3, 'c')",
                Types: ("update_exists", "update_exists")
            ),
            new ContestedTable(
                "uq_rekey",
                "id int primary key, v text",
                "update uq_rekey set id = 3 where id = 1",
                "insert into uq_rekey values (3, 'late')",
                "(2,b) (3,late)",
                Before: "insert into uq_rekey values (1, 'a'), (2, 'b')",
                Types: ("update_exists", "insert_exists")
            ),
            new ContestedTable(
                "uq_rekey_wins",
                "id int primary key, v text",
                "insert into uq_rekey_wins values (3, 'early')",
                "update uq_rekey_wins set id = 3 where id = 1",
                "(2,b) (3,a)",
                Before: "insert into uq_rekey_wins values (1, 'a'), (2, 'b')",
                Types: ("insert_exists", "update_exists")
            ),
            new ContestedTable(
                "uq_generated",
                "id int primary key, a int, b int generated always as (a * 2) stored unique",
                "insert into uq_generated values (1, 5)",
                "insert into uq_generated values (2, 5)",
                "(2,5,10)",
                Types: Existing
            ),
            new ContestedTable(
                "uq_generated_expression",
                "id int primary key, \"A b\" int, b text generated always as ('X' || \"A b\") stored",
                "insert into uq_generated_expression values (1, 5)",
                "insert into uq_generated_expression values (2, 5)",
                "(2,5,X5)",
                After: "create unique index on uq_generated_expression (lower(b)) where b is not null",
                Types: Existing
            ),
            new ContestedTable(
                "uq_generated_range",
                "id int primary key, a int, r int4range generated always as (int4range(a, a + 10)) stored, exclude using gist (r with &&)",
                "insert into uq_generated_range values (1, 5)",
                "insert into uq_generated_range values (2, 7)",
                "(2,7,\"[7,17)\")",
                Types: Existing
            ),
            new ContestedTable(
                "uq_generated_update",
                "id int primary key, a int, b int generated always as (a * 2) stored unique",
                "update uq_generated_update set a = 9 where id = 1",
                "update uq_generated_update set a = 9 where id = 2",
                "(2,9,18) (3,3,6)",
                Before: "insert into uq_generated_update values (1, 1), (2, 2), (3, 3)",
                Types: ("update_exists", "update_exists")
            ),
            // Node 0 has moved the value on to another row, and the older version of that row comes back first.
            new ContestedTable(
                "uq_generated_moved",
                "id int primary key, a int, b int generated always as (a * 2) stored unique",
                "update uq_generated_moved set a = 7 where id = 1; insert into uq_generated_moved values (4, 8)",
                "update uq_generated_moved set a = 8 where id = 1; update uq_generated_moved set a = 7 where id = 2",
                "(1,8,16) (2,7,14) (3,3,6)",
                Before: "insert into uq_generated_moved values (1, 1), (2, 2), (3, 3)"
            ),
            new ContestedTable(
                "ex_range",
                "id int primary key, during int4range, exclude using gist (during with &&)",
                "insert into ex_range values (1, '[1,10)'), (4, '[12,14)'), (5, '[50,51)')",
                "insert into ex_range values (2, '[5,15)')",
                "(2,\"[5,15)\") (5,\"[50,51)\")"
            )
        );

    /// <summary>
    /// A row that another one kept out is changed by a node that knows nothing of that: the change meets no row, and
    /// the row comes all the same.
    /// </summary>
    [Theory]
    [InTurn(16)]
    [InTurn(18)]
    public async Task Row_ThatWasKeptOutAndMakesRoomLater_IsThereEverywhere(int major)
    {
        await using var mesh = await StartAsync(major, 2);
        await SwitchAsync(mesh, "pause", (0, 1), (1, 0));
        await mesh[0].ExecuteAsync("insert into member values (5, 'x', 'early')");
        await mesh[0]
            .ExecuteAsync("begin; insert into member values (6, 'x2', 'early'); update member set email = 'y' where id = 6; commit");
        await mesh[1].ExecuteAsync("insert into member values (1, 'x', 'late'), (2, 'x2', 'late')");
        await mesh[0].ExecuteAsync("update member set email = null, said = 'latest' where id = 5");
        await SwitchAsync(mesh, "resume", (0, 1), (1, 0));
        await AgreeAsync(mesh, "(1,x,late)", "(2,x2,late)", "(5,,latest)", "(6,y,early)");
    }

    /// <summary>
    /// An update that another row kept out took the row with it; what its node makes of it later meets no row, and the
    /// row comes all the same.
    /// </summary>
    [Fact]
    [Trait("Tier", "all")]
    public async Task Row_WhoseUpdateWasKeptOutAndMakesRoomLater_IsThereEverywhere()
    {
        await using var mesh = await StartAsync(17, 2);
        await mesh[0].ExecuteAsync("insert into member values (5, 'five', 'first'), (7, 'seven', 'first')");
        await AgreeAsync(mesh, "(5,five,first)", "(7,seven,first)");
        await ProcessAsync(mesh);
        await SwitchAsync(mesh, "pause", (0, 1), (1, 0));
        await mesh[0].ExecuteAsync("update member set email = 'x' where id = 5");
        await mesh[0].ExecuteAsync("update member set email = 'y', id = 8 where id = 7");
        await mesh[1].ExecuteAsync("insert into member values (1, 'x', 'late'), (2, 'y', 'late')");
        await mesh[0].ExecuteAsync("update member set email = null, said = 'latest' where id in (5, 8)");
        await SwitchAsync(mesh, "resume", (0, 1), (1, 0));
        await AgreeAsync(mesh, "(1,x,late)", "(2,y,late)", "(5,,latest)", "(8,,latest)");
    }

    /// <summary>
    /// A row gives its unique value up to another, and one node hears of the other first: no conflict at all for who
    /// wrote them, and both stay, whether the first is old or new to everybody.
    /// </summary>
    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(16, true)]
    [InTurn(18, true)]
    [TierAll(18, false)]
    public async Task Row_ThatGaveItsValueToAnotherThatCameFirst_IsThereEverywhere(int major, bool isOld)
    {
        await using var mesh = await StartAsync(major, 3);
        await mesh[2].ExecuteAsync("insert into member values (1, 'x', 'first')");
        await AgreeAsync(mesh, "(1,x,first)");
        if (isOld)
            await ProcessAsync(mesh);
        await SwitchAsync(mesh, "pause", (1, 2));
        await mesh[2].ExecuteAsync("update member set email = null, said = 'second' where id = 1");
        await mesh[0].AwaitTextAsync("select said from member", "second");
        await mesh[0].ExecuteAsync("insert into member values (5, 'x', 'heir')");
        await mesh[1].AwaitTextAsync("select said from member where id = 5", "heir");
        await SwitchAsync(mesh, "resume", (1, 2));
        await AgreeAsync(mesh, "(1,,second)", "(5,x,heir)");
    }

    private static async Task<TestMesh> StartAsync(int major, int nodes)
    {
        var mesh = await TestMesh.StartFullAsync([.. Enumerable.Repeat(major, nodes)]);
        await mesh.ReplicateAsync("public.member", "create table public.member (id int primary key, email text unique, said text)");
        return mesh;
    }

    private static async Task SwitchAsync(TestMesh mesh, string operation, params (int Node, int From)[] subscriptions)
    {
        foreach (var (node, from) in subscriptions)
            (await mesh[node].Api.PostAsync($"/v1/arbiter/subscription/{from}/{operation}")).Expect(200);
    }

    private static Task AgreeAsync(TestMesh mesh, params string[] rows) => mesh.AgreeAsync(Split.Rows("member"), string.Join('\n', rows));

    /// <summary>Waits until everybody is known to have what everybody wrote.</summary>
    private static async Task ProcessAsync(TestMesh mesh)
    {
        var seen = await mesh[0].TextAsync("select string_agg(format('(%s, %s)', node_id, seq), ', ') from trktr.heartbeat");
        foreach (var node in mesh.Nodes)
            await node.AwaitTextAsync(
                $"select bool_and(h.seq > s.seq + 5) from trktr.heartbeat h join (values {seen}) s (node_id, seq) using (node_id)",
                "True"
            );
    }
}
