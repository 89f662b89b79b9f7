using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Schema;

/// <summary>An arbiter installs its own functions when it starts, and works only while the schema is its own.</summary>
public sealed class ArbiterBuildTests
{
    private const string AnotherBuild =
        "create or replace function trktr.origin_name(node integer) returns text language sql return 'theirs'; "
        + "update trktr.schema_script set hash = 'theirs' where path = 'Schema/Functions/origin_name.sql'; "
        + "update trktr.identity set scripts_hash = 'theirs'";

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Start_OnTheSchemaOfAnotherBuild_InstallsItsOwnOnce()
    {
        await using var mesh = await TestMesh.StartAsync(18);
        var node = mesh[0];
        (await node.Api.PutAsync("/v1/arbiter/control")).Expect(201);
        await node.Arbiter.TerminateAsync();
        await node.ExecuteAsync(AnotherBuild);

        await node.Arbiter.StartAsync();
        await node.AwaitTextAsync("select left(trktr.origin_name(7), 11)", "trktr_as_7_");
        await AwaitProblemAsync(mesh, null);

        // Another arbiter, of another build, beside it: the two do not go on replacing each other's functions.
        await node.ExecuteAsync(AnotherBuild);
        await AwaitProblemAsync(mesh, "another build of Traktor");
        Assert.Equal("theirs", await node.TextAsync("select trktr.origin_name(7)"));

        await node.Arbiter.TerminateAsync();
        await node.Arbiter.StartAsync();
        await AwaitProblemAsync(mesh, null);
        Assert.NotEqual("theirs", await node.TextAsync("select trktr.origin_name(7)"));
    }

    [Fact]
    public async Task Run_OnTheSchemaOfANewerRelease_SaysSoAndChangesNothing()
    {
        await using var mesh = await TestMesh.StartAsync(18);
        var node = mesh[0];
        (await node.Api.PutAsync("/v1/arbiter/control")).Expect(201);
        await node.ExecuteAsync($"update trktr.identity set schema_version = 99; {AnotherBuild}");

        await AwaitProblemAsync(mesh, "newer release");
        (await node.Api.PutAsync("/v1/arbiter/control")).ExpectProblem(409, "newer release");
        await node.Arbiter.TerminateAsync();
        await node.Arbiter.StartAsync();
        await AwaitProblemAsync(mesh, "newer release");
        Assert.Equal("99|theirs", await node.TextAsync("select schema_version, trktr.origin_name(7) from trktr.identity"));
    }

    private static Task AwaitProblemAsync(TestMesh mesh, string? words) =>
        Eventually.TrueAsync(
            $"the status says: {words ?? "no problem"}",
            async () =>
                (string?)(await mesh[0].StatusAsync())["problem"] is var problem
                && (words is null ? problem is null : problem?.Contains(words, StringComparison.Ordinal) == true),
            mesh.Diagnose
        );
}
