using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Stories;

/// <summary>Whatever is sent: a 4xx with a sentence, never a 5xx, nothing executed, no secret shown.</summary>
public sealed class S12_BadInput(Pair pair) : IClassFixture<Pair>, IAsyncLifetime
{
    private const string Control = "/v1/arbiter/subscription/control";
    private const string Secret = "Pa55-that-nobody-may-see";
    private readonly MeshNode node = pair.Mesh[0];
    private readonly Canary canary = new(pair.Mesh[0]);

    public static TheoryData<string> Nasty =>
        new(
            "'; drop table canary; --",
            "\"; drop table canary; --",
            "public.x; drop table canary",
            "public.x\"; drop table canary; --",
            "public.x\ndrop table canary",
            "public.\"x\"\"; drop table canary; --\"",
            "$$; drop table canary; $$",
            "public.x\\'; drop table canary; --",
            "a\0b",
            "public.a\0b",
            "\u202epublic.x",
            "public.🐘",
            new string('a', 10_000),
            "public." + new string('ü', 5_000),
            "'" + new string('"', 999),
            "{\"a\":1}",
            "../../etc/passwd",
            "public.%s%n",
            ".",
            "..",
            "public.",
            ".x",
            "a.b.c",
            " "
        );

    public Task InitializeAsync() => canary.StartAsync();

    public Task DisposeAsync() => canary.AssertUntouchedAsync();

    [Theory]
    [MemberData(nameof(Nasty))]
    public async Task TableName_OfAnyText_IsRefusedWithASentence(string text)
    {
        foreach (var method in new[] { HttpMethod.Put, HttpMethod.Delete })
        {
            var answer = await node.Api.CallAsync(method, "/v1/arbiter/replicaset/" + Uri.EscapeDataString(text));
            answer.ExpectRefusal();
            Assert.True(answer.Text.Length < 1_000, "The answer repeats the whole name.");
        }
    }

    [Theory]
    [MemberData(nameof(Nasty))]
    public async Task ConnectionString_OfAnyText_IsRefusedWithASentence(string text)
    {
        string[] forms =
        [
            text,
            $"host=127.0.0.1 port={node.Server.Port} password={Secret} "
                + $"dbname='{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'",
            $"host=127.0.0.1 port={node.Server.Port} password={Secret} {text}",
            $"postgresql://someone:{Secret}@127.0.0.1:{node.Server.Port}/{Uri.EscapeDataString(text)}",
        ];
        foreach (var form in forms)
        {
            var answer = await node.Api.PutAsync(Control, new { inbound_node = 1, connection_string = form });
            // Well-formed, and it leads to a database or user that is not there: that is the server's word, in a
            // sentence too.
            if (answer.Code == 503)
                answer.ExpectProblem(503);
            else
                answer.ExpectRefusal();
            Assert.DoesNotContain(Secret, answer.Text, StringComparison.Ordinal);
            Assert.True(answer.Text.Length < 2_000, "The answer repeats the whole connection string.");
        }
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"x\"")]
    [InlineData("{}")]
    [InlineData("{\"inbound_node\": 1}")]
    [InlineData("{\"connection_string\": \"host=x\"}")]
    [InlineData("{\"inbound_node\": \"1\", \"connection_string\": \"host=x\"}")]
    [InlineData("{\"inbound_node\": 1.5, \"connection_string\": \"host=x\"}")]
    [InlineData("{\"inbound_node\": null, \"connection_string\": \"host=x\"}")]
    [InlineData("{\"inbound_node\": -1, \"connection_string\": \"host=x\"}")]
    [InlineData("{\"inbound_node\": 32768, \"connection_string\": \"host=x\"}")]
    [InlineData("{\"inbound_node\": 1e400, \"connection_string\": \"host=x\"}")]
    [InlineData("{\"inbound_node\": 99999999999999999999999999, \"connection_string\": \"host=x\"}")]
    [InlineData("{\"inbound_node\": [1], \"connection_string\": \"host=x\"}")]
    [InlineData("{\"inbound_node\": 1, \"connection_string\": 7}")]
    [InlineData("{\"inbound_node\": 1, \"connection_string\": null}")]
    [InlineData("{\"inbound_node\": 1, \"connection_string\": \"\"}")]
    [InlineData("{\"inbound_node\": 1, \"connection_string\": \"\\ud800\"}")]
    [InlineData("{\"inbound_node\": 1, \"connection_string\": \"host=x\", \"more\": 1}")]
    [InlineData("{\"inbound_node\": 1, \"inbound_node\": 2, \"connection_string\": 1}")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[[[")]
    public async Task Body_OfAnotherShape_IsRefusedWithASentence(string body) =>
        (await node.Api.SendTextAsync(HttpMethod.Put, Control, body)).ExpectRefusal();

    [Fact]
    public async Task Body_OfAnotherKindOrSize_IsRefusedWithASentence()
    {
        (await node.Api.SendTextAsync(HttpMethod.Put, Control, "inbound_node=1", "application/x-www-form-urlencoded")).ExpectRefusal();
        (
            await node.Api.SendTextAsync(
                HttpMethod.Put,
                Control,
                $"{{\"inbound_node\": 1, \"connection_string\": \"{new string('x', 100_000)}\"}}"
            )
        ).ExpectRefusal();
        (await node.Api.PutAsync(Control)).ExpectRefusal();
        (await node.Api.DeleteAsync(Control)).ExpectRefusal();
    }

    [Fact]
    public async Task Pages_AndAnswersAndLogs_HoldNoSecret()
    {
        foreach (var path in new[] { "status", "subscription", "cluster", "preflight", "replicaset/status", "resolution/history" })
            (await node.Api.GetAsync("/v1/arbiter/" + path)).Expect(200);
        foreach (var path in new[] { "/", "/metrics", "/openapi.json", "/docs/index.html", "/no-such-page", "/health/ready" })
            await node.Api.GetAsync(path);
        await node.Api.PutAsync(
            Control,
            new
            {
                inbound_node = 1,
                connection_string = $"host=127.0.0.1 port={node.Server.Port} user=nobody password={Secret} dbname=none",
            }
        );
        await node.Api.PutAsync(
            Control,
            new { inbound_node = 1, connection_string = $"host=127.0.0.1 port=1 user=nobody password={Secret}" }
        );
        Assert.Contains("password=***", (string?)(await node.SubscriptionAsync(1))!["connection_string"], StringComparison.Ordinal);
        Assert.Empty(pair.Mesh.Leaks());
        Assert.DoesNotContain(node.Api.Transcript.Concat(node.Arbiter.Log), text => text.Contains(Secret, StringComparison.Ordinal));
    }
}
