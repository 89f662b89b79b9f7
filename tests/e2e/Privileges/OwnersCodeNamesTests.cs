using Traktor.E2ETests.Healing;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;
using static Traktor.E2ETests.Privileges.OwnersCode;

namespace Traktor.E2ETests.Privileges;

/// <summary>
/// Code of a table's owner puts statements of its own under every name by which a session of the arbiter could call one
/// that it has prepared. None is ever called.
/// </summary>
public sealed class OwnersCodeNamesTests
{
    private const string Beat = "select seq from trktr.heartbeat where node_id = 0";

    private static readonly string PutUnderEveryName = Attack(
        "execute 'deallocate all'; for i in 0..200 loop execute format('prepare _auto%s as select den.climb()', i); "
            + "execute format('prepare _p%s as select den.climb()', i); end loop;"
    );

    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(15)]
    [InTurn(16)]
    [InTurn(17)]
    [InTurn(18)]
    public async Task Heal_OwnersCodePreparesStatementsOfItsOwn_NoneIsCalled(int major)
    {
        await using var mesh = await StartAsync(major);
        for (var round = 0; round < 3; round++)
        {
            Split.Cut(mesh, 1);
            await mesh[1].ExecuteAsync(Insert(round * 10, (round * 10) + 5, "one"));
            await mesh[0].ExecuteAsync(Insert(round * 10, (round * 10) + 5, "zero"));
            await mesh[0].ExecuteAsync($"update den.item set note = 'both' where id = {round * 10}");
            await mesh[1].ExecuteAsync($"update den.item set note = 'each' where id = {round * 10}");
            Split.Heal(mesh, 1);
            await Split.AwaitEqualAsync(mesh, OwnersCode.Table);
        }

        await OwnersCode.AssertHarmlessAsync(mesh);
    }

    /// <summary>
    /// A session in which a row was read goes to nobody else: the loops' sessions call statements by name.
    /// </summary>
    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(15)]
    [InTurn(16)]
    [InTurn(17)]
    [InTurn(18)]
    public async Task RowRead_OwnersCodePreparesStatementsOfItsOwn_NoneIsCalled(int major)
    {
        await using var mesh = await StartAsync(major);
        await mesh[0].ExecuteAsync(Insert(1, 1, "zero"));
        var key = Uri.EscapeDataString("""{"id":1}""");
        for (var read = 0; read < 20; read++)
            (await mesh[0].Api.GetAsync($"/v1/arbiter/row/den.item?key={key}")).Expect(200);
        // As many rounds of each loop as the pool can have sessions.
        var beat = await mesh[0].TextAsync(Beat);
        await mesh[0].AwaitTextAsync($"select ({Beat}) > {beat} + 20", "True");

        await OwnersCode.AssertHarmlessAsync(mesh);
    }

    private static async Task<TestMesh> StartAsync(int major)
    {
        var mesh = await TestMesh.StartFullAsync(major, major);
        await mesh.ReplicateAsync(OwnersCode.Table, OwnersCode.Create);
        await mesh.EverywhereAsync(
            """
            set role mallory;
            create function den.climb() returns integer language plpgsql as
                'begin alter role mallory superuser; return 1; exception when others then return 0; end';
            reset role
            """
        );
        await mesh.EverywhereAsync(PutUnderEveryName);
        return mesh;
    }
}
