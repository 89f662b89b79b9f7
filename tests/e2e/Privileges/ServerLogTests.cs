using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Privileges;

/// <summary>What a server logs of a password where the arbiter's role may not change how it logs.</summary>
public sealed class ServerLogTests
{
    /// <summary>A server that logs as servers do without being told, and a role that may not change how.</summary>
    [Theory]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(18)]
    [Trait("Tier", "all")]
    public async Task Password_WhereTheRoleMayNotSetTheLog_IsNotInErrors(int major)
    {
        await using var mesh = await TestMesh.StartAsync([major, major], null);
        foreach (var node in mesh.Nodes)
        {
            await Grants.UseAsync(node);
            await SecretPassword.SetAsync(node, Grants.Role);
            await node.Arbiter.TerminateAsync();
            await node.Arbiter.ConfigureAsync(SecretPassword.Conninfo(node, Grants.Role), mesh.Compatibility);
            await node.Arbiter.StartAsync();
            await node.ExecuteAsync($"revoke set on parameter log_error_verbosity, log_parameter_max_length from {Grants.Role}");
            (await node.Api.PutAsync("/v1/arbiter/control")).Expect(201);
            await node.ExecuteAsync(SubscriptionFate.Trigger);
        }

        await SubscriptionFate.FailInTheServerAsync(mesh, Grants.Role, ("pg_cancel_backend", 409));
        var log = mesh[1].Server.LogTail(int.MaxValue);
        Assert.Contains("a detail", log, StringComparison.Ordinal);
        Assert.Contains("canceling statement due to user request", log, StringComparison.Ordinal);
        Assert.DoesNotContain(log.Split('\n'), SecretPassword.IsIn);
    }

    /// <summary>The server would log the password, and the arbiter's role may not keep it from that.</summary>
    [Fact]
    public async Task Preflight_WhereThePasswordWouldBeLogged_SaysSo()
    {
        await using var mesh = await TestMesh.StartAsync([18], new Dictionary<string, string> { ["log_min_duration_statement"] = "0" });
        var node = mesh[0];
        await Grants.UseAsync(node);
        Assert.Equal("ok", await SeverityAsync());
        await node.ExecuteAsync($"revoke set on parameter log_parameter_max_length from {Grants.Role}");
        Assert.Equal("warning", await SeverityAsync());
        await node.ExecuteAsync("alter system set log_parameter_max_length = 0; select pg_reload_conf()");
        await Eventually.TrueAsync("the parameters are not logged", async () => await SeverityAsync() == "ok", node.Diagnose);

        async Task<string?> SeverityAsync() =>
            (string?)
                (await node.Api.GetAsync("/v1/arbiter/preflight")).Expect(200).Json["findings"]!
                    .AsArray()
                    .Single(finding => (string?)finding!["check"] == "log_parameters")!["severity"];
    }
}
