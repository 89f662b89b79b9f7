using System.Text.Json.Nodes;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// Tasks as such, whatever their kind: the calls, the end of one that nobody can run, and of an old one.
/// </summary>
public sealed class S33_Tasks
{
    [Fact]
    [Trait("Tier", "turn")]
    public async Task Calls_AboutTasks_AnswerWithTheirStates()
    {
        await using var mesh = await TestMesh.StartAsync(18);
        var node = mesh[0];
        (await node.Api.GetAsync("/v1/arbiter/tasks")).ExpectProblem(409, "not initialised");
        (await node.Api.PutAsync("/v1/arbiter/control")).Expect(201);
        (await node.Api.GetAsync("/v1/arbiter/tasks/1")).ExpectProblem(404, "no task 1");
        (await node.Api.DeleteAsync("/v1/arbiter/tasks/1")).ExpectProblem(404, "no task 1");
        (await node.Api.GetAsync("/v1/arbiter/tasks/1?wait=301")).ExpectProblem(400, "wait");
        (await node.Api.GetAsync("/v1/arbiter/tasks?limit=0")).ExpectProblem(400, "limit");

        // As a later release may have left one. The loop finds it without being told.
        for (var n = 0; n < 2; n++)
            await node.ExecuteAsync(
                "insert into trktr.task (kind, request, actor_kind, actor, role) values ('unheard_of', '{}', 'user', 'alice', 'admin')"
            );
        var report = (await node.Api.GetAsync("/v1/arbiter/tasks/1?wait=60")).Expect(200).Json;
        Assert.Equal("failed", (string?)report["task"]!["state"]);
        Assert.Equal("the user alice", (string?)report["task"]!["started_by"]);
        Assert.Contains("does not know this kind", (string?)report["task"]!["problem"], StringComparison.Ordinal);
        Assert.Equal(["Started.", $"It failed: {report["task"]!["problem"]}"], Lines(report));
        (await node.Api.DeleteAsync("/v1/arbiter/tasks/1")).ExpectProblem(409, "is finished: it failed");

        var second = (await node.Api.GetAsync("/v1/arbiter/tasks/2?wait=60")).Expect(200).Json;
        Assert.Equal("failed", (string?)second["task"]!["state"]);
        var page = (await node.Api.GetAsync("/v1/arbiter/tasks?limit=1&kind=unheard_of")).Expect(200).Json;
        Assert.Equal((2, 2), ((int)page["tasks"]![0]!["id"]!, (int)page["next"]!));
        page = (await node.Api.GetAsync("/v1/arbiter/tasks?limit=1&before=2")).Expect(200).Json;
        Assert.Equal(1, (int)page["tasks"]![0]!["id"]!);
        Assert.Null(page["next"]);
        Assert.Empty((await node.Api.GetAsync("/v1/arbiter/tasks?kind=other")).Expect(200).Json["tasks"]!.AsArray());
        // Nothing is held where nothing runs.
        await node.AwaitTextAsync("select count(*) from pg_stat_activity where application_name = 'traktor_0_tasks'", "0");

        // A task that was finished long ago is deleted when the arbiter starts.
        await node.ExecuteAsync("update trktr.task set finished_at = now() - interval '91 days' where id = 1");
        await node.Arbiter.TerminateAsync();
        await node.Arbiter.StartAsync();
        await node.AwaitTextAsync("select string_agg(id::text, ',') from trktr.task", "2");
        await node.AwaitTextAsync("select count(*) from trktr.task_log where task_id = 1", "0");
    }

    private static IEnumerable<string> Lines(JsonNode report) => report["log"]!.AsArray().Select(line => (string)line!["text"]!);
}
