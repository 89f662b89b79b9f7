using Npgsql;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Healing;

/// <summary>
/// Settings that an administrator gave to a database or role, for applications: sessions of ours do not take them.
/// </summary>
public sealed class DefaultsTests
{
    private const string Free = "set transaction read write; set role none; ";

    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(16)]
    [InTurn(18)]
    public async Task Defaults_OfADatabaseOrRole_HinderNothingOfOurs(int major)
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major);
        await mesh.ReplicateAsync("public.item", "create table public.item (id int primary key, v text)");
        await mesh.EverywhereAsync("create role nobody; grant select on item to nobody");
        string[] defaults =
        [
            "alter database traktor_tutorial set default_transaction_read_only = on",
            "alter role current_user set default_transaction_isolation = 'serializable'",
            "alter role current_user set default_transaction_deferrable = on",
            "alter role current_user set role = nobody",
            "alter role current_user set idle_session_timeout = '1s'",
            "alter role current_user set idle_in_transaction_session_timeout = '1s'",
            .. major >= 17 ? (string[])["alter role current_user set transaction_timeout = '1s'"] : [],
            "alter role current_user set statement_timeout = '1s'",
            "alter role current_user set lock_timeout = '1s'",
            "alter role current_user set search_path = nowhere",
        ];
        foreach (var given in defaults)
            await mesh.EverywhereAsync(Free + given);
        foreach (var node in mesh.Nodes)
        {
            await node.Arbiter.TerminateAsync();
            await node.Arbiter.StartAsync();
        }

        for (var id = 1; id < 4; id++)
        {
            Split.Cut(mesh, 1);
            await mesh[1].ExecuteAsync($"{Free}insert into public.item values ({id}, 'early')");
            await mesh[0].ExecuteAsync($"{Free}insert into public.item values ({id}, 'late')");
            Split.Heal(mesh, 1);
            // Ours have the time-out too, and the pool keeps them.
            NpgsqlConnection.ClearAllPools();
            await mesh.AgreeAsync($"select v from public.item where id = {id}", "late");
        }

        // The server's own workers are hindered by two, which preflight says.
        foreach (var node in mesh.Nodes)
        foreach (var check in new[] { "default_role", "default_transaction_read_only" })
            Assert.Contains(
                (await node.Api.GetAsync("/v1/arbiter/preflight")).Expect(200).Json["findings"]!.AsArray(),
                finding => (string?)finding!["check"] == check
            );
        await mesh.EverywhereAsync(
            $"{Free}alter role current_user reset role; alter role current_user set default_transaction_read_only = off"
        );
        await mesh[1].StageAsync("public.item", expect: 200);
        foreach (var node in mesh.Nodes)
        {
            await node.AwaitStateAsync(1 - node.Id, "streaming");
            var status = await node.StatusAsync();
            Assert.True((bool)status["is_replicating"]!);
            Assert.Equal(0, (int)status["conflicts_pending"]!);
        }

        await mesh.EverywhereAsync($"{Free}alter database traktor_tutorial reset all; alter role current_user reset all");
    }
}
