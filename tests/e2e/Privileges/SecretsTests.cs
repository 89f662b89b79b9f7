using System.Collections.Concurrent;
using Npgsql;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Privileges;

/// <summary>
/// A peer's password appears nowhere: not in a log of a server that logs all that it can, not in
/// <c>pg_stat_activity</c> or <c>pg_stat_statements</c>, not in an arbiter's log or answer, not in a command line;
/// whatever is done with a connection string, also when the server's statement fails, is cancelled, or its session ends.
/// </summary>
public sealed class SecretsTests
{
    private const string Subscription = "/v1/arbiter/subscription/control";
    private const string Probe = "/v1/arbiter/subscription/probe";

    private const string Password = """Zebra7Quagga'Okapi8 \Tapir9"Lemur5;@/""";

    /// <summary>Whatever quotes the password leaves these as they are.</summary>
    private static readonly string[] Fragments = ["Zebra7Quagga", "Okapi8", "Tapir9", "Lemur5"];

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

    /// <summary>
    /// Has the statements on subscriptions take a moment, so that <c>pg_stat_activity</c> can be read meanwhile, and then
    /// do what the table says: fail, or wait.
    /// </summary>
    private const string Trigger = """
        create table public.fate (what text);
        insert into public.fate values ('pass');
        grant select on public.fate to public;
        create function public.meet_fate() returns event_trigger language plpgsql as $$
        begin
            perform pg_sleep(0.2);
            if exists (select from public.fate where what = 'fail') then
                raise exception 'fate' using detail = 'a detail', hint = 'a hint';
            elsif exists (select from public.fate where what = 'wait') then
                perform pg_sleep(100);
            end if;
        end
        $$;
        create event trigger fate on ddl_command_start when tag in ('CREATE SUBSCRIPTION', 'ALTER SUBSCRIPTION')
            execute function public.meet_fate()
        """;

    [Theory]
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
            await SetPasswordAsync(node, role);
            await node.Arbiter.TerminateAsync();
            await node.Arbiter.ConfigureAsync(Conninfo(node, role), mesh.Compatibility);
            await node.Arbiter.StartAsync();
            (await node.Api.PutAsync("/v1/arbiter/control")).Expect(201);
            await node.ExecuteAsync(Trigger);
        }

        await using (var activity = new ActivityWatch(mesh))
        {
            await TryWhatFailsAsync(mesh, role);
            await FailInTheServerAsync(mesh, role, ("pg_cancel_backend", 409), ("pg_terminate_backend", 503));
            (await SubscribeAsync(mesh, Conninfo(mesh[0], role))).Expect(201);
            await mesh[1].AwaitStateAsync(0, "streaming");
            (await SubscribeAsync(mesh, Conninfo(mesh[0], role) + " connect_timeout=7")).Expect(200);
            await FateAsync(mesh[1], "fail");
            (await SubscribeAsync(mesh, Conninfo(mesh[0], role))).ExpectProblem(409, "fate");
            await FateAsync(mesh[1], "pass");
            (await mesh[1].Api.GetAsync("/v1/arbiter/subscription")).Expect(200);
            (await mesh[1].Api.DeleteAsync(Subscription, new { inbound_node = 0 })).Expect(200);
            Assert.DoesNotContain(await activity.FinishAsync(), HasPassword);
            Assert.Contains(activity.Seen, query => query.Contains("run_secretly", StringComparison.Ordinal));
        }

        foreach (var node in mesh.Nodes)
        {
            Assert.Empty(await FindAsync(node));
            await HasOnlyItsOwnReadersAsync(node);
        }
    }

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
            await SetPasswordAsync(node, Grants.Role);
            await node.Arbiter.TerminateAsync();
            await node.Arbiter.ConfigureAsync(Conninfo(node, Grants.Role), mesh.Compatibility);
            await node.Arbiter.StartAsync();
            await node.ExecuteAsync($"revoke set on parameter log_error_verbosity, log_parameter_max_length from {Grants.Role}");
            (await node.Api.PutAsync("/v1/arbiter/control")).Expect(201);
            await node.ExecuteAsync(Trigger);
        }

        await FailInTheServerAsync(mesh, Grants.Role, ("pg_cancel_backend", 409));
        var log = mesh[1].Server.LogTail(int.MaxValue);
        Assert.Contains("a detail", log, StringComparison.Ordinal);
        Assert.Contains("canceling statement due to user request", log, StringComparison.Ordinal);
        Assert.DoesNotContain(log.Split('\n'), HasPassword);
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

    /// <summary>Connection strings that the arbiter refuses, or with which it gets nowhere.</summary>
    private static async Task TryWhatFailsAsync(TestMesh mesh, string role)
    {
        var good = Conninfo(mesh[0], role);
        (string Conninfo, int Code)[] all =
        [
            (Conninfo(mesh[0], role, "Wrong" + Password), 503),
            (good.Replace("host=127.0.0.1", "host=no-such-host.invalid", StringComparison.Ordinal), 503),
            (good.Replace($"port={mesh[0].Server.Port}", "port=1", StringComparison.Ordinal), 503),
            (good + $" no_such_option={Quoted(Password)}", 400),
            (good + $" sslmode={Quoted(Password)}", 400),
            (good + $" connect_timeout={Quoted(Password)}", 400),
            (good + $" port={Quoted(Password)}", 400),
            (good + $" password='{Fragments[0]}", 400),
            (good + $" {Fragments[0]}", 400),
            (
                $"postgresql://{role}:{Uri.EscapeDataString("Wrong" + Password)}@127.0.0.1:{mesh[0].Server.Port}/{TestMesh.Database}?"
                    + $"{Fragments[0]}",
                400
            ),
        ];
        foreach (var (conninfo, code) in all)
        {
            (await mesh[1].Api.PostAsync(Probe, new { connection_string = conninfo })).ExpectProblem(code);
            (await SubscribeAsync(mesh, conninfo)).ExpectProblem(code);
        }

        (await mesh[1].Api.PostAsync(Probe, new { connection_string = good })).Expect(200);
    }

    /// <summary>The statement fails in the server, and is then ended by each of <paramref name="ends"/>.</summary>
    private static async Task FailInTheServerAsync(TestMesh mesh, string role, params (string Function, int Code)[] ends)
    {
        await FateAsync(mesh[1], "fail");
        (await SubscribeAsync(mesh, Conninfo(mesh[0], role))).ExpectProblem(409, "fate");
        await FateAsync(mesh[1], "wait");
        foreach (var (end, code) in ends)
        {
            var subscribing = SubscribeAsync(mesh, Conninfo(mesh[0], role));
            await mesh[1]
                .AwaitTextAsync(
                    $"select {end}(pid) from pg_stat_activity where wait_event = 'PgSleep' and query ~ 'run_secretly|SUBSCRIPTION' and "
                        + "query_start < now() - interval '0.5 s'",
                    "True"
                );
            (await subscribing).ExpectProblem(code);
        }

        await FateAsync(mesh[1], "pass");
    }

    private static Task FateAsync(MeshNode node, string what) => node.ExecuteAsync($"update public.fate set what = '{what}'");

    private static Task<Answer> SubscribeAsync(TestMesh mesh, string conninfo) =>
        mesh[1].Api.PutAsync(Subscription, new { inbound_node = 0, connection_string = conninfo });

    private static string Conninfo(MeshNode node, string role, string password = Password) =>
        $"host=127.0.0.1 port={node.Server.Port} user={role} password={Quoted(password)} dbname={TestMesh.Database}";

    private static string Quoted(string value) =>
        "'" + value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal) + "'";

    /// <summary>The administrator keeps it out of the log.</summary>
    private static async Task SetPasswordAsync(MeshNode node, string role)
    {
        await using var connection = await node.OpenAsync();
        foreach (
            var quiet in (string[])
                [
                    "log_statement = 'none'",
                    "log_min_duration_statement = -1",
                    "pg_stat_statements.track = none",
                    "log_min_error_statement = 'panic'",
                ]
        )
            await connection.ExecuteAsync("set " + quiet);
        await connection.ExecuteAsync(
            $"alter role {role} password E'{Password.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'"
        );
    }

    private static bool HasPassword(string text) => Fragments.Any(fragment => text.Contains(fragment, StringComparison.Ordinal));

    /// <summary>Everything with a part of the password.</summary>
    private static async Task<IReadOnlyList<string>> FindAsync(MeshNode node)
    {
        var log = node.Server.LogTail(int.MaxValue);
        var statements = await node.TextAsync("select query from pg_stat_statements");
        // They have what they should.
        Assert.Contains("arameters: $1 = ", log, StringComparison.Ordinal);
        Assert.Contains("orphaned_slot", statements, StringComparison.Ordinal);
        return
        [
            .. new[] { log, statements }
                .SelectMany(text => text.Split('\n'))
                .Concat(node.Arbiter.Log)
                .Concat(node.Api.Transcript)
                .Concat(CommandLines())
                .Where(HasPassword),
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

    /// <summary>A role without privileges reads no connection string.</summary>
    private static async Task HasOnlyItsOwnReadersAsync(MeshNode node) =>
        Assert.Equal(
            "",
            await node.TextAsync(
                """
                select format('%s.%s', c.oid::regclass, a.attname)
                from pg_attribute a
                join pg_class c on c.oid = a.attrelid
                where (a.attname in ('connection_string', 'subconninfo'))
                  and c.relkind in ('r', 'v')
                  and (has_column_privilege('pg_monitor', c.oid, a.attnum, 'select')
                      or has_column_privilege('pg_read_all_stats', c.oid, a.attnum, 'select'))
                """
            )
        );

    /// <summary>All queries that <c>pg_stat_activity</c> shows until it is finished.</summary>
    private sealed class ActivityWatch : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = new();
        private readonly ConcurrentDictionary<string, bool> seen = new();
        private readonly Task loops;

        public ActivityWatch(TestMesh mesh) => loops = Task.WhenAll(mesh.Nodes.Select(node => Task.Run(() => WatchAsync(node))));

        public IEnumerable<string> Seen => seen.Keys;

        public async Task<IEnumerable<string>> FinishAsync()
        {
            await stop.CancelAsync();
            await loops;
            return Seen;
        }

        public async ValueTask DisposeAsync()
        {
            await FinishAsync();
            stop.Dispose();
        }

        private async Task WatchAsync(MeshNode node)
        {
            await using var connection = await node.OpenAsync();
            await using var read = new NpgsqlCommand("select query from pg_stat_activity where pid <> pg_backend_pid()", connection);
            while (!stop.IsCancellationRequested)
            {
                await using (var reader = await read.ExecuteReaderAsync())
                    while (await reader.ReadAsync())
                        seen.TryAdd(reader.IsDBNull(0) ? "" : reader.GetString(0), true);
                await Task.Delay(20);
            }
        }
    }
}
