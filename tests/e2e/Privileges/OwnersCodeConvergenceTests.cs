using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Privileges;

/// <summary>
/// What the sessions of convergence meet in tables of other owners, beside the code that runs at once.
/// </summary>
public sealed class OwnersCodeConvergenceTests
{
    /// <summary>It would run when the function that confines the owner's code has long returned.</summary>
    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(15)]
    [InTurn(16)]
    [InTurn(17)]
    [InTurn(18)]
    public async Task Convergence_DeferredTriggerOfTheOwner_NeverFires(int major)
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major);
        await mesh.ReplicateAsync(OwnersCode.Table, OwnersCode.Create);
        await mesh[0].ExecuteAsync(OwnersCode.Insert(1, 2, "zero"));
        await mesh.AgreeAsync("select count(*) from den.item", "2");
        // Where the condition does not hold the server defers nothing, so that its own apply worker goes on.
        await mesh.EverywhereAsync(
            """
            set role mallory;
            create function den.climb() returns trigger language plpgsql as $f$
            begin
                raise log 'deferred code of mallory as %', current_user;
                alter role mallory superuser;
                return null;
            exception when others then return null;
            end $f$;
            create constraint trigger later after insert or update or delete on den.item
                deferrable initially deferred
                for each row when (current_setting('application_name') like '%convergence')
                execute function den.climb();
            alter table den.item enable always trigger later;
            reset role
            """
        );

        await PauseAsync(mesh, "pause");
        await mesh[0].ExecuteAsync("update den.item set note = 'first' where id = 1");
        await mesh[1].ExecuteAsync("update den.item set note = 'second' where id = 1");
        await PauseAsync(mesh, "resume");

        // Node 1 is to write its later version back, and says why it does not.
        await Eventually.TrueAsync(
            "node 1 says that the trigger is deferrable",
            () => mesh[1].Arbiter.Log.Any(line => line.Contains("is deferrable", StringComparison.Ordinal)),
            mesh.Diagnose
        );
        Assert.DoesNotContain("deferred code of mallory", mesh[1].Server.LogTail(int.MaxValue), StringComparison.Ordinal);
        await OwnersCode.AssertHarmlessAsync(mesh);
        await mesh.EverywhereAsync("drop trigger later on den.item");
        await mesh.AgreeAsync("select note from den.item where id = 1", "second");
    }

    /// <summary>
    /// Rows that an application has locked are skipped: what the arbiter sets for itself to find them is not taken for
    /// something that the owner's code did.
    /// </summary>
    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(15)]
    [InTurn(16)]
    [InTurn(17)]
    [InTurn(18)]
    public async Task Convergence_RowOfAnotherOwnerHeldByAnApplication_DelaysNoOther(int major)
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major);
        await mesh.ReplicateAsync(OwnersCode.Table, OwnersCode.Create);
        await mesh[0].ExecuteAsync(OwnersCode.Insert(1, 4, "zero"));
        await mesh.AgreeAsync("select count(*) from den.item", "4");
        await PauseAsync(mesh, "pause");
        await mesh[0].ExecuteAsync("update den.item set note = 'first'");
        await mesh[1].ExecuteAsync("update den.item set note = 'second'");

        // The rows are overwritten before the arbiter can bring them back.
        mesh[1].Arbiter.Suspend();
        await mesh[1].ExecuteAsync("alter subscription trktr_sub_1_0 enable");
        await mesh[1].AwaitTextAsync("select count(*) from den.item where note = 'first'", "4");
        await using (var application = await mesh[1].OpenAsync())
        {
            await using var transaction = await application.BeginTransactionAsync();
            await application.ExecuteAsync("select from den.item where id = 2 for update");
            mesh[1].Arbiter.Wake();
            await mesh[1].AwaitTextAsync("select string_agg(id::text, ' ' order by id) from den.item where note = 'second'", "1 3 4");
        }

        await PauseAsync(mesh, "resume");
        await mesh.AgreeAsync("select string_agg(id::text, ' ' order by id) from den.item where note = 'second'", "1 2 3 4");
        Assert.DoesNotContain(mesh[1].Arbiter.Log, line => line.Contains("changed a setting", StringComparison.Ordinal));
    }

    private static async Task PauseAsync(TestMesh mesh, string what)
    {
        foreach (var node in mesh.Nodes)
            (await node.Api.PostAsync($"/v1/arbiter/subscription/{1 - node.Id}/{what}")).Expect(200);
    }
}
