using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// A server that is too old, of a packager's own version text, and what a machine without internet gets to read.
/// </summary>
public sealed partial class S13_OtherServers
{
    [Fact]
    [Trait("Tier", "turn")]
    public async Task Initialize_OnPostgreSql15WithoutCompatibility_IsRefusedNamingTheKeyAndTheStatusAnswers()
    {
        await using var mesh = await TestMesh.StartAsync([15, 16], null, pre16Compatibility: false);
        var text = await mesh[0].Server.ScalarAsync<string>("show server_version");
        var number = int.Parse(
            (await mesh[0].Server.ScalarAsync<string>("show server_version_num"))!,
            System.Globalization.CultureInfo.InvariantCulture
        );

        var refusal = (await mesh[0].Api.PutAsync("/v1/arbiter/control")).ExpectProblem(422, "PostgreSQL 15.");
        Assert.Contains("Pre16Compatibility = True", (string?)refusal.Json["hint"], StringComparison.Ordinal);
        Assert.Equal(0, await mesh[0].ScalarAsync<long>("select count(*) from pg_namespace where nspname = 'trktr'"));
        await Eventually.TrueAsync(
            "the status shows the version",
            async () => (await mesh[0].StatusAsync())["server_version_num"] is not null,
            mesh.Diagnose
        );
        var status = await mesh[0].StatusAsync();
        Assert.Equal(number, (int)status["server_version_num"]!);
        Assert.Equal($"15.{number % 10000}", status["server_version"]!.ToJsonString());
        Assert.StartsWith($"15.{number % 10000}", text, StringComparison.Ordinal);
        var preflight = (await mesh[0].Api.GetAsync("/v1/arbiter/preflight")).Expect(200).Json["findings"]!.AsArray();
        Assert.Contains(preflight, finding => (string?)finding!["check"] == "server_version" && (string?)finding["severity"] == "error");

        // Nor is it taken as a peer.
        (await mesh[1].Api.PutAsync("/v1/arbiter/control")).Expect(201);
        (
            await mesh[1]
                .Api.PutAsync("/v1/arbiter/subscription/control", new { inbound_node = 0, connection_string = mesh.Conninfo(0, 1) })
        ).ExpectProblem(422, "PostgreSQL 15.");
        Assert.Equal(0, await mesh[1].ScalarAsync<long>("select count(*) from pg_subscription"));
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Docs_WithoutInternet_AreComplete()
    {
        await using var mesh = await TestMesh.StartAsync(18);
        using var visitor = new RestApi(mesh[0].Api.Address, null);
        var page = (await visitor.GetAsync("/docs/index.html")).Expect(200);
        (await visitor.GetAsync("/docs")).Expect(200);
        var assets = References()
            .Matches(page.Text)
            .Select(match => match.Groups[1].Value)
            .Where(reference => !reference.StartsWith('#'))
            .Distinct()
            .ToList();
        Assert.NotEmpty(assets);
        foreach (var asset in assets)
        {
            Assert.False(
                Uri.TryCreate(asset, UriKind.Absolute, out var elsewhere) && elsewhere.Scheme is "http" or "https",
                $"The page refers to {asset}."
            );
            var answer = (await visitor.GetAsync(new Uri(new Uri(visitor.Address, "/docs/"), asset).AbsolutePath)).Expect(200);
            Assert.NotEqual("", answer.Text);
            // What a style sheet or script loads, as opposed to what it merely names.
            foreach (var loaded in Loads().Matches(answer.Text).Select(match => match.Groups[1].Value))
                Assert.False(
                    loaded.StartsWith("http", StringComparison.Ordinal) || loaded.StartsWith("//", StringComparison.Ordinal),
                    $"{asset} loads {loaded}."
                );
        }

        var document = (await visitor.GetAsync("/openapi.json")).Expect(200).Json;
        Assert.StartsWith("3.", (string?)document["openapi"], StringComparison.Ordinal);
        Assert.All(References(document), reference => Assert.StartsWith("#", reference, StringComparison.Ordinal));
        string[] calls =
        [
            "control",
            "status",
            "subscription",
            "subscription/control",
            "subscription/{node}/pause",
            "subscription/{node}/resume",
            "replicaset",
            "replicaset/{table}",
            "replicaset/status",
            "resolution/history",
            "cluster",
            "preflight",
        ];
        var paths = document["paths"]!.AsObject().Select(path => path.Key).ToList();
        Assert.All(calls, call => Assert.Contains("/v1/arbiter/" + call, paths));
    }

    private static IEnumerable<string> References(JsonNode? node) =>
        node switch
        {
            JsonObject fields => fields.SelectMany(field =>
                field.Key == "$ref" && field.Value is JsonValue ? [(string)field.Value!] : References(field.Value)
            ),
            JsonArray items => items.SelectMany(References),
            _ => [],
        };

    [GeneratedRegex("""(?:src|href)=["']([^"']+)["']""")]
    private static partial Regex References();

    [GeneratedRegex("""(?:@import\s+|url\()["']?([^"')\s]+)""")]
    private static partial Regex Loads();
}
