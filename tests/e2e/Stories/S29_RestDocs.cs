using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Traktor.Documents;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// docs/rest.md, typed into a shell from its first command to its last, beside a second node that does likewise: each
/// answer is what the page says it is.
/// </summary>
public sealed partial class S29_RestDocs
{
    private static readonly ApiPage Page = ApiPage.Parse(DocumentFile.Read("rest.md"));

    [Fact]
    public async Task Examples_InTheirOrder_AnswerAsDocumented()
    {
        await using var mesh = await TestMesh.StartAsync(18, 18);
        foreach (var node in mesh.Nodes)
            await PrepareAsync(node, mesh);
        (await mesh[1].Api.PutAsync("/v1/arbiter/control")).Expect(201);

        var variables = "";
        var listed = "";
        foreach (var step in Page.Steps.Where(step => !step.Has("endless")))
        {
            if (step.Language == "sql")
                await ExecuteAsync(mesh, step);
            else if (step.Has("set"))
                variables += Here(mesh, step.Text, listed) + "\n";
            else
            {
                await BeforeAsync(mesh, step.Section.Anchor);
                var answer = await RunAsync(mesh, step, variables);
                listed = step.Section.Anchor == "list-conflicts" ? answer : listed;
                await AfterAsync(mesh, step.Section.Anchor);
            }
        }
    }

    /// <summary>Runs a command until it answers as documented; one that changes something only once.</summary>
    private static async Task<string> RunAsync(TestMesh mesh, ApiBlock step, string variables)
    {
        var isRepeatable = Again().IsMatch(step.Text);
        var example = ApiPage.AnswerOf(step);
        string[] loose = step.Section.Anchor switch
        {
            "decide-a-conflict" => ["state", "outcome", "resolution", "resolved_by"],
            "compare-tables" => ["state", "items", "log"],
            "one-comparison" => ["rows_total", "bytes_total", "bytes_done", "worked_ms"],
            "make-an-api-key" => ["key"],
            "list-the-audit-log" => ["incarnation", "number", "request", "address", "previous_hash", "hash", "next"],
            "verify-the-audit-log" => ["incarnation", "entries", "last", "last_hash"],
            _ => [],
        };
        var (said, body) = ("", "");
        await Eventually.TrueAsync(
            $"{step.Text} answers as docs/rest.md says",
            async () =>
            {
                (var code, body) = await Curl.RunAsync(variables + step.Text);
                said = example switch
                {
                    null => code is >= 200 and < 300 ? "" : $"{code}: {body}",
                    _ when !example.Has(code.ToString(CultureInfo.InvariantCulture)) => $"{code} in place of {example.Info}: {body}",
                    _ => string.Join('\n', DocumentedAnswer.Compare(Page, step.Section.Anchor, example.Text, body, loose)),
                };
                Assert.True(isRepeatable || said == "", $"{step.Text}\n{said}\n{body}");
                return said == "";
            },
            () => $"{said}\n{body}\n{mesh.Diagnose()}"
        );
        return body;
    }

    /// <summary>What has to have happened in the mesh before a section's example.</summary>
    private static Task BeforeAsync(TestMesh mesh, string section) =>
        section switch
        {
            "read-policies" => AwaitEverywhereAsync(mesh, "select count(*) from trktr.node", "2"),
            "decide-a-conflict" => AwaitEverywhereAsync(mesh, "select count(*) from trktr.history where resolved is null", "1"),
            "resolved-conflicts" => mesh.AgreeAsync("select payload from multimaster.reptest", "both"),
            _ => Task.CompletedTask,
        };

    /// <summary>What node 1 does after a section's example.</summary>
    private static async Task AfterAsync(TestMesh mesh, string section)
    {
        if (section == "initialise-the-node")
            await mesh.SubscribeAsync(1, 0);
        if (section == "commit-the-replicaset")
        {
            await mesh[1].StageAsync("multimaster.reptest");
            await mesh[1].CommitAsync();
        }
    }

    private static async Task AwaitEverywhereAsync(TestMesh mesh, string query, string expected)
    {
        foreach (var node in mesh.Nodes)
            await node.AwaitTextAsync(query, expected);
    }

    private static async Task ExecuteAsync(TestMesh mesh, ApiBlock step)
    {
        foreach (var node in mesh.Nodes.Where(node => step.Has("both") || step.Has(node.Id.ToString(CultureInfo.InvariantCulture))))
            await node.ExecuteAsync(step.Text);
    }

    /// <summary>Variables with this mesh's ports, and the conflict that was listed last.</summary>
    private static string Here(TestMesh mesh, string text, string listed)
    {
        var id = listed == "" ? "" : JsonNode.Parse(listed)!["conflicts"]![0]!["id"]!.ToString();
        return text.Replace("8080", Number(mesh[0].Arbiter.Port), StringComparison.Ordinal)
            .Replace("5434", Number(mesh[1].Server.Port), StringComparison.Ordinal)
            .Replace("conflict=17", $"conflict={id}", StringComparison.Ordinal);
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static async Task PrepareAsync(MeshNode node, TestMesh mesh)
    {
        await node.ExecuteAsync("create schema multimaster");
        await node.Server.ExecuteAsync("create user traktor_arbiter password 'traktor' login superuser");
        await node.Arbiter.KillAsync();
        await node.Arbiter.ConfigureAsync(
            $"host=127.0.0.1 port={node.Server.Port} user=traktor_arbiter password=traktor dbname={TestMesh.Database}",
            mesh.Compatibility
        );
        await node.Arbiter.StartAsync();
    }

    // A command without a method reads; pausing and resuming twice is as good as once.
    [GeneratedRegex("^(?!.*--request)|/(pause|resume)\"", RegexOptions.Singleline)]
    private static partial Regex Again();
}
