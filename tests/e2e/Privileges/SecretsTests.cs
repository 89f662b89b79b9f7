using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Privileges;

/// <summary>
/// A peer's password and the private key of a node appear nowhere: not in a log of a server that logs all that it can,
/// not in
/// <c>pg_stat_activity</c> or <c>pg_stat_statements</c>, not in an arbiter's log or answer, not in a command line;
/// whatever is done with a connection string, also when the server's statement fails, is cancelled, or its session
/// ends.
/// </summary>
public sealed class SecretsTests
{
    private const string Subscription = "/v1/arbiter/subscription/control";
    private const string Probe = "/v1/arbiter/subscription/probe";

    private static readonly Dictionary<string, string> LogsEverything = new()
    {
        ["shared_preload_libraries"] = "pg_stat_statements, auto_explain",
        ["pg_stat_statements.track"] = "all",
        ["auto_explain.log_min_duration"] = "0",
        ["auto_explain.log_nested_statements"] = "on",
        ["log_statement"] = "all",
        ["log_min_duration_statement"] = "0",
        ["log_min_error_statement"] = "debug5",
        ["log_error_verbosity"] = "verbose",
        ["log_parameter_max_length_on_error"] = "-1",
    };

    [Theory]
    [Trait("Tier", "turn")]
    [InlineData(18, false)]
    [TierAll(18, true)]
    [TierAll(15, true)]
    [TierAll(16, true)]
    [TierAll(16, false)]
    [TierAll(17, true)]
    [TierAll(17, false)]
    public async Task Password_WhateverIsDoneWithIt_AppearsNowhere(int major, bool isSuperuser)
    {
        await using var mesh = await TestMesh.StartAsync([major, major], LogsEverything);
        var role = isSuperuser ? "boss" : Grants.Role;
        foreach (var node in mesh.Nodes)
        {
            await node.ExecuteAsync("create extension pg_stat_statements");
            if (isSuperuser)
                await node.ExecuteAsync($"create role {role} superuser login");
            else
                await Grants.UseAsync(node);
            await SecretPassword.SetAsync(node, role);
            await node.Arbiter.TerminateAsync();
            await node.Arbiter.ConfigureAsync(SecretPassword.Conninfo(node, role), mesh.Compatibility);
            await node.Arbiter.StartAsync();
            (await node.Api.PutAsync("/v1/arbiter/control")).Expect(201);
            await node.ExecuteAsync(SubscriptionFate.Trigger);
        }

        await using (var activity = new ActivityWatch(mesh))
        {
            await TryWhatFailsAsync(mesh, role);
            await SubscriptionFate.FailInTheServerAsync(mesh, role, ("pg_cancel_backend", 409), ("pg_terminate_backend", 503));
            (await SubscriptionFate.SubscribeAsync(mesh, SecretPassword.Conninfo(mesh[0], role))).Expect(201);
            await mesh[1].AwaitStateAsync(0, "streaming");
            (await SubscriptionFate.SubscribeAsync(mesh, SecretPassword.Conninfo(mesh[0], role) + " connect_timeout=7")).Expect(200);
            await SubscriptionFate.SetAsync(mesh[1], "fail");
            (await SubscriptionFate.SubscribeAsync(mesh, SecretPassword.Conninfo(mesh[0], role))).ExpectProblem(409, "fate");
            await SubscriptionFate.SetAsync(mesh[1], "pass");
            (await mesh[1].Api.GetAsync("/v1/arbiter/subscription")).Expect(200);
            (await mesh[1].Api.DeleteAsync(Subscription, new { inbound_node = 0 })).Expect(200);
            Assert.DoesNotContain(await activity.FinishAsync(), SecretPassword.IsIn);
            Assert.Contains(activity.Seen, query => query.Contains("run_secretly", StringComparison.Ordinal));
        }

        foreach (var node in mesh.Nodes)
        {
            Assert.Empty(await FindAsync(node));
            await HasOnlyItsOwnReadersAsync(node);
        }
    }

    /// <summary>Connection strings that the arbiter refuses, or with which it gets nowhere.</summary>
    private static async Task TryWhatFailsAsync(TestMesh mesh, string role)
    {
        var good = SecretPassword.Conninfo(mesh[0], role);
        var server = $"127.0.0.1:{mesh[0].Server.Port}";
        var quoted = SecretPassword.Quoted(SecretPassword.Value);
        const string Wrong = "Wrong" + SecretPassword.Value;
        var part = SecretPassword.Fragments[0];
        (string Conninfo, int Code)[] all =
        [
            (SecretPassword.Conninfo(mesh[0], role, Wrong), 503),
            (good.Replace("host=127.0.0.1", "host=no-such-host.invalid", StringComparison.Ordinal), 503),
            (good.Replace($"port={mesh[0].Server.Port}", "port=1", StringComparison.Ordinal), 503),
            (good + $" no_such_option={quoted}", 400),
            (good + $" sslmode={quoted}", 400),
            (good + $" connect_timeout={quoted}", 400),
            (good + $" port={quoted}", 400),
            (good + $" password='{part}", 400),
            (good + $" {part}", 400),
            ($"postgresql://{role}:{Uri.EscapeDataString(Wrong)}@{server}/{TestMesh.Database}?{part}", 400),
        ];
        foreach (var (conninfo, code) in all)
        {
            (await mesh[1].Api.PostAsync(Probe, new { connection_string = conninfo })).ExpectProblem(code);
            (await SubscriptionFate.SubscribeAsync(mesh, conninfo)).ExpectProblem(code);
        }

        (await mesh[1].Api.PostAsync(Probe, new { connection_string = good })).Expect(200);
    }

    /// <summary>Everything with a part of the password, or with the private key.</summary>
    private static async Task<IReadOnlyList<string>> FindAsync(MeshNode node)
    {
        var log = node.Server.LogTail(int.MaxValue);
        var statements = await node.TextAsync("select query from pg_stat_statements");
        // The number in the middle of PKCS #8.
        var key = await node.TextAsync("select encode(substring(private_key from 37 for 32), 'hex') from trktr.node_key");
        Assert.Equal(64, key.Length);
        // They have what they should.
        Assert.Contains("arameters: $1 = ", log, StringComparison.Ordinal);
        Assert.Contains("orphaned_slot", statements, StringComparison.Ordinal);
        Assert.Contains("insert into trktr.node_key", statements, StringComparison.Ordinal);
        return
        [
            .. new[] { log, statements }
                .SelectMany(text => text.Split('\n'))
                .Concat(node.Arbiter.Log)
                .Concat(node.Api.Transcript)
                .Concat(CommandLines())
                .Where(text => SecretPassword.IsIn(text) || text.Contains(key, StringComparison.OrdinalIgnoreCase)),
        ];
    }

    private static IEnumerable<string> CommandLines() =>
        OperatingSystem.IsLinux()
            ? Directory.GetDirectories("/proc").Where(folder => char.IsDigit(Path.GetFileName(folder)[0])).Select(ReadCommandLine)
            : [];

    private static string ReadCommandLine(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline"));
        }
        catch (IOException)
        {
            // It has ended.
            return "";
        }
    }

    /// <summary>A role without privileges reads no connection string and no private key.</summary>
    private static async Task HasOnlyItsOwnReadersAsync(MeshNode node) =>
        Assert.Equal(
            "",
            await node.TextAsync(
                """
                select format('%s.%s', c.oid::regclass, a.attname)
                from pg_attribute a
                join pg_class c on c.oid = a.attrelid
                where (a.attname in ('connection_string', 'subconninfo', 'private_key'))
                  and c.relkind in ('r', 'v')
                  and (has_column_privilege('pg_monitor', c.oid, a.attnum, 'select')
                      or has_column_privilege('pg_read_all_stats', c.oid, a.attnum, 'select'))
                """
            )
        );
}
