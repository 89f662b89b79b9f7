using System.Diagnostics;
using System.Text.Json.Nodes;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;

namespace Traktor.E2ETests.Privileges;

/// <summary>Whatever is changed is in the audit log of every node, and whoever changes the log is found.</summary>
public sealed class AuditTests
{
    private const string Password = "correct horse battery";

    [Fact]
    public async Task Changes_FromEverywhere_AreRecordedOnEveryNode_AndNoOtherChangeOfTheLogIsUnseen()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        var api = mesh[0].Api;
        // The other node has no copies of what was before it received anything.
        var start = await mesh[0].TextAsync("select max(seq) from trktr.audit where node_id = 0");
        var copied = $"select seq, encode(hash, 'hex') from trktr.audit where node_id = 0 and seq > {start} order by seq";
        (await api.PutAsync("/v1/arbiter/users/olga", new { role = "operator", password = Password })).Expect(201);
        var key = (string)(await api.PostAsync("/v1/arbiter/keys/night", new { role = "operator" })).Expect(201).Json["key"]!;
        using (var night = new RestApi(api.Address, key))
        {
            (await night.PostAsync("/v1/arbiter/subscription/1/pause")).Expect(200);
            (await night.PostAsync("/v1/arbiter/subscription/1/resume")).Expect(200);
            (await night.PostAsync("/v1/arbiter/subscription/9/pause")).ExpectProblem(404, "no subscription from node 9");
            (await night.PutAsync("/v1/arbiter/control")).ExpectProblem(403, "role admin");
            (await night.PutAsync("/v1/arbiter/control")).ExpectProblem(403, "role admin");
            (await night.GetAsync("/v1/arbiter/audit")).ExpectProblem(403, "role admin");
        }

        (await api.PutAsync("/v1/arbiter/priority?scope=mesh", new { priorities = new Dictionary<string, int> { ["1"] = -1 } })).Expect(
            200
        );
        Assert.Equal(0, (await RunAsync(mesh[0], Password, "user", "add", "root", "--role", "admin")).Code);

        var log = await EntriesAsync(mesh[0], "?node=0");
        Assert.Equal(
            [
                "set_user user olga done by configured_key APIKey admin rest",
                "create_key API key night done by configured_key APIKey admin rest",
                "pause node 1 done by api_key night operator rest",
                "resume node 1 done by api_key night operator rest",
                "pause node 9 refused by api_key night operator rest",
                "initialize  denied by api_key night operator rest",
                "set_priorities  done by configured_key APIKey admin rest",
                $"set_user user root done by command_line {Environment.UserName} admin command_line",
            ],
            log.Where(entry => (string)entry["outcome"]! != "requested").Reverse().Select(InWords).SkipWhile(text => !text.Contains("olga"))
        );
        var paused = log.Single(entry => (string?)entry["action"] == "pause" && (string?)entry["outcome"] == "done");
        Assert.NotEqual("paused", (string?)paused["before"]!["state"]);
        Assert.Equal("paused", (string?)paused["after"]!["state"]);
        Assert.StartsWith("127.0.0.1", (string?)paused["by"]!["address"], StringComparison.Ordinal);
        // Each has its request, with the entry's number.
        foreach (var entry in log.Where(entry => (string)entry["outcome"]! is not ("requested" or "denied")))
            Assert.Contains(
                log,
                other => (long)other["number"]! == (long)entry["request"]! && (string)other["outcome"]! is "requested" or "done"
            );

        // The peer was asked by the arbiter, for the same actor; and every node has every entry.
        await Eventually.TrueAsync(
            "node 0 knows what was done on node 1",
            async () =>
                (await EntriesAsync(mesh[0], "?node=1&action=set_priorities&outcome=done")).SingleOrDefault() is { } there
                && InWords(there) == "set_priorities  done by configured_key APIKey admin arbiter",
            mesh.Diagnose
        );
        await mesh[1].AwaitTextAsync(copied, await mesh[0].TextAsync(copied));
        foreach (var node in mesh.Nodes)
        {
            Assert.True((bool)(await node.Api.GetAsync("/v1/arbiter/audit/verification")).Expect(200).Json["is_intact"]!);
            Assert.Equal(0, (await RunAsync(node, "", "audit", "verify")).Code);
            var text = await node.TextAsync("select string_agg(a::text, E'\\n') from trktr.audit a");
            Assert.All([Password, key, node.Server.Password], secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
        }

        // Pages, and files, have each entry once.
        var page = (await api.GetAsync("/v1/arbiter/audit?node=0&limit=3")).Expect(200).Json;
        var rest = await EntriesAsync(mesh[0], $"?node=0&before={page["next"]}");
        Assert.Equal(log.Select(Number), page["entries"]!.AsArray().Concat(rest).Select(entry => Number(entry!)));
        Assert.Equal(
            log.Count + 1,
            (await api.GetAsync("/v1/arbiter/audit/export?node=0"))
                .Expect(200)
                .Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries)
                .Length
        );
        (await api.GetAsync("/v1/arbiter/audit?outcome=well")).ExpectProblem(400, "outcome must be");
        (await api.GetAsync("/v1/arbiter/audit?before=x")).ExpectProblem(400, "before must be");

        // A copy that is changed is found where it is changed; one that is removed here stays there.
        var first = int.Parse(start, System.Globalization.CultureInfo.InvariantCulture) + 1;
        await mesh[1].ExecuteAsync($"update trktr.audit set actor = 'mallory' where node_id = 0 and seq = {first}");
        await FindsAsync(mesh[1], $"Entry {first} was changed");
        await mesh[0].ExecuteAsync($"delete from trktr.audit where node_id = 0 and seq = {first + 2}");
        await FindsAsync(mesh[0], $"Entry {first + 2} is missing.");
        (await api.PutAsync("/v1/arbiter/users/olga", new { role = "viewer" })).Expect(200);
        await mesh[1].AwaitTextAsync("select role from trktr.accounts where name = 'olga'", "viewer");
        Assert.Equal("1", await mesh[1].TextAsync($"select count(*) from trktr.audit where node_id = 0 and seq = {first + 2}"));

        // A chain without its end has no fault; the copy of another node tells. A node that is down is named.
        const string ofNode1 = "select max(seq) from trktr.audit where node_id = 1";
        await mesh[0].AwaitTextAsync(ofNode1, await mesh[1].TextAsync(ofNode1));
        await mesh[1].ExecuteAsync("delete from trktr.audit where node_id = 0");
        await mesh[1]
            .ExecuteAsync("delete from trktr.audit where node_id = 1 and seq = (select max(seq) from trktr.audit where node_id = 1)");
        Assert.Equal(0, (await RunAsync(mesh[1], "", "audit", "verify")).Code);
        var report = (await mesh[1].Api.GetAsync("/v1/arbiter/audit/verification")).Expect(200).Json;
        Assert.Contains("its end was cut off", report["chains"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("0 true", string.Concat(report["others"]!.AsArray().Select(other => $"{other!["node"]} {other["is_compared"]}")));
        Assert.True((bool)(await mesh[1].Api.GetAsync("/v1/arbiter/audit/verification?others=false")).Expect(200).Json["is_intact"]!);
        (await mesh[1].Api.GetAsync("/v1/arbiter/audit/verification?others=2")).ExpectProblem(400, "others must be");
        await mesh[0].Arbiter.KillAsync();
        report = (await mesh[1].Api.GetAsync("/v1/arbiter/audit/verification")).Expect(200).Json;
        Assert.False((bool)report["others"]![0]!["is_compared"]!);
        Assert.Contains("node 0", (string?)report["others"]![0]!["detail"], StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Change_ThatCannotBeRecorded_IsNotMade_AndOneThatWasCutOffIsSeen()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        await mesh[0].AwaitStateAsync(1, "streaming");

        // The arbiter is killed between the request and the outcome.
        await using (var blocker = await mesh[0].OpenAsync())
        {
            await using var transaction = await blocker.BeginTransactionAsync();
            await blocker.ExecuteAsync("lock table trktr.subscription in access exclusive mode");
            var pausing = mesh[0].Api.PostAsync("/v1/arbiter/subscription/1/pause");
            await mesh[0].AwaitTextAsync("select count(*) from trktr.audit where action = 'pause'", "1");
            await mesh[0].Arbiter.KillAsync();
            await Assert.ThrowsAnyAsync<Exception>(() => pausing);
        }

        await mesh[0].Arbiter.StartAsync();
        Assert.Equal("requested", await mesh[0].TextAsync("select string_agg(outcome, ',') from trktr.audit where action = 'pause'"));

        // Without the table nothing is changed, until it is mended.
        await mesh[0].ExecuteAsync("drop table trktr.audit");
        (await mesh[0].Api.PostAsync("/v1/arbiter/subscription/1/pause")).ExpectProblem(409, "trktr.audit is missing");
        await mesh[0].AwaitStateAsync(1, "streaming");
        (await mesh[0].Api.PutAsync("/v1/arbiter/control")).Expect(200);
        (await mesh[0].Api.PostAsync("/v1/arbiter/subscription/1/pause")).Expect(200);
        (await mesh[0].Api.PostAsync("/v1/arbiter/subscription/1/resume")).Expect(200);
        Assert.True((bool)(await mesh[0].Api.GetAsync("/v1/arbiter/audit/verification?others=false")).Expect(200).Json["is_intact"]!);
        // The other node has what was there before, and sees that it does not fit what is written now.
        await mesh[1].AwaitTextAsync("select count(*) > 0 from trktr.audit where node_id = 0 and action = 'resume'", "True");
        Assert.False((bool)(await mesh[1].Api.GetAsync("/v1/arbiter/audit/verification")).Expect(200).Json["is_intact"]!);
        await mesh[0].AwaitStateAsync(1, "streaming");
        await mesh[1].AwaitStateAsync(0, "streaming");

        // Entries that are too old go, and the log says so.
        await mesh[0].ExecuteAsync("update trktr.audit set at = at - interval '400 days' where seq <= 3");
        await mesh[0].Arbiter.KillAsync();
        await mesh[0].Arbiter.StartAsync();
        await mesh[0].AwaitTextAsync("select target from trktr.audit where action = 'purge_audit'", "1..3");
        Assert.Equal("4", await mesh[0].TextAsync("select min(seq) from trktr.audit where node_id = 0"));
        Assert.True((bool)(await mesh[0].Api.GetAsync("/v1/arbiter/audit/verification?others=false")).Expect(200).Json["is_intact"]!);
    }

    [Fact]
    [Trait("Tier", "all")]
    public async Task Outcome_ThatTheServerDoesNotTake_IsWrittenLater()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        await mesh[0].AwaitStateAsync(1, "streaming");
        await using var first = await mesh[0].OpenAsync();
        await using var second = await mesh[0].OpenAsync();
        await using var holdsTable = await first.BeginTransactionAsync();
        await first.ExecuteAsync("lock table trktr.subscription in access exclusive mode");
        var pausing = mesh[0].Api.PostAsync("/v1/arbiter/subscription/1/pause");
        await mesh[0].AwaitTextAsync("select count(*) from trktr.audit where action = 'pause'", "1");
        await using (var holdsLock = await second.BeginTransactionAsync())
        {
            await second.ExecuteAsync("select from trktr.node_lock where name = 'audit' for update");
            await holdsTable.RollbackAsync();
            (await pausing).Expect(200);
            Assert.Equal("requested", await mesh[0].TextAsync("select string_agg(outcome, ',') from trktr.audit where action = 'pause'"));
        }

        await mesh[0]
            .AwaitTextAsync("select string_agg(outcome, ',' order by seq) from trktr.audit where action = 'pause'", "requested,done");
        Assert.True((bool)(await mesh[0].Api.GetAsync("/v1/arbiter/audit/verification")).Expect(200).Json["is_intact"]!);
        (await mesh[0].Api.PostAsync("/v1/arbiter/subscription/1/resume")).Expect(200);
    }

    private static long Number(JsonNode entry) => (long)entry["number"]!;

    private static string InWords(JsonNode entry)
    {
        var by = entry["by"]!;
        return $"{entry["action"]} {entry["target"]} {entry["outcome"]} by {by["kind"]} {by["name"]} {by["role"]} {by["channel"]}";
    }

    private static async Task<List<JsonNode>> EntriesAsync(MeshNode node, string query) =>
        [.. (await node.Api.GetAsync($"/v1/arbiter/audit{query}")).Expect(200).Json["entries"]!.AsArray().Select(entry => entry!)];

    private static async Task FindsAsync(MeshNode node, string problem)
    {
        var report = (await node.Api.GetAsync("/v1/arbiter/audit/verification")).Expect(200).Json;
        Assert.False((bool)report["is_intact"]!);
        Assert.Contains(problem, report.ToJsonString(), StringComparison.Ordinal);
        var (code, output) = await RunAsync(node, "", "audit", "verify");
        Assert.Equal(1, code);
        Assert.Contains(problem, output, StringComparison.Ordinal);
    }

    /// <summary>Runs a command of the arbiter as an administrator would.</summary>
    private static async Task<(int Code, string Output)> RunAsync(MeshNode node, string input, params string[] arguments)
    {
        using var command = Process.Start(
            new ProcessStartInfo("dotnet", [ArbiterProcess.Assembly, .. arguments, "--config", node.Arbiter.ConfigurationFile])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        await command.StandardInput.WriteLineAsync(input);
        command.StandardInput.Close();
        var output = await command.StandardOutput.ReadToEndAsync() + await command.StandardError.ReadToEndAsync();
        await command.WaitForExitAsync();
        return (command.ExitCode, output);
    }
}
