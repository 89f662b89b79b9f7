using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Stories;

/// <summary>Whatever is sent: a 4xx with a sentence, never a 5xx, nothing executed, no secret shown.</summary>
public sealed class S12_BadInput(Pair pair) : IClassFixture<Pair>, IAsyncLifetime
{
    private const string Control = "/v1/arbiter/subscription/control";
    private const string Secret = "Pa55-that-nobody-may-see";
    private readonly MeshNode node = pair.Mesh[0];

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

    public async Task InitializeAsync()
    {
        await node.ExecuteAsync("create table if not exists canary (id int primary key)");
        before = await StateAsync();
    }

    private string before = "";

    public async Task DisposeAsync() => Assert.Equal(before, await StateAsync());

    [Theory]
    [MemberData(nameof(Nasty))]
    public async Task TableName_OfAnyText_IsRefusedWithASentence(string text)
    {
        foreach (var method in new[] { HttpMethod.Put, HttpMethod.Delete })
        {
            var answer = await node.Api.CallAsync(method, "/v1/arbiter/replicaset/" + Uri.EscapeDataString(text));
            ExpectRefusal(answer);
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
            // Well-formed, and it leads to a database or user that is not there: that is the server's word, in a sentence too.
            if (answer.Code == 503)
                answer.ExpectProblem(503);
            else
                ExpectRefusal(answer);
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
        ExpectRefusal(await node.Api.SendTextAsync(HttpMethod.Put, Control, body));

    [Fact]
    public async Task Body_OfAnotherKindOrSize_IsRefusedWithASentence()
    {
        ExpectRefusal(await node.Api.SendTextAsync(HttpMethod.Put, Control, "inbound_node=1", "application/x-www-form-urlencoded"));
        ExpectRefusal(
            await node.Api.SendTextAsync(
                HttpMethod.Put,
                Control,
                $"{{\"inbound_node\": 1, \"connection_string\": \"{new string('x', 100_000)}\"}}"
            )
        );
        ExpectRefusal(await node.Api.PutAsync(Control));
        ExpectRefusal(await node.Api.DeleteAsync(Control));
    }

    [Theory]
    [InlineData("POST", "/v1/arbiter/subscription/-1/pause")]
    [InlineData("POST", "/v1/arbiter/subscription/32768/pause")]
    [InlineData("POST", "/v1/arbiter/subscription/99999999999999999999/pause")]
    [InlineData("POST", "/v1/arbiter/subscription/one/pause")]
    [InlineData("POST", "/v1/arbiter/subscription/1'--/resume")]
    [InlineData("DELETE", "/v1/arbiter/subscription/control?inbound_node=x")]
    [InlineData("DELETE", "/v1/arbiter/subscription/control?inbound_node=-1")]
    [InlineData("DELETE", "/v1/arbiter/subscription/control?inbound_node=32768")]
    [InlineData("DELETE", "/v1/arbiter/subscription/control?inbound_node=1&inbound_node=2")]
    [InlineData("PATCH", "/v1/arbiter/replicaset?force=perhaps")]
    [InlineData("PUT", "/v1/arbiter/replicaset/")]
    [InlineData("GET", "/v1/arbiter/resolution/history?limit=x")]
    [InlineData("GET", "/v1/arbiter/resolution/history?limit=-1")]
    [InlineData("GET", "/v1/arbiter/resolution/history?before=99999999999999999999")]
    [InlineData("GET", "/v1/arbiter/nothing")]
    [InlineData("GET", "/v1")]
    [InlineData("BREW", "/v1/arbiter/status")]
    [InlineData("POST", "/v1/arbiter/status")]
    public async Task Path_ThatIsWrong_IsRefusedWithASentence(string method, string path) =>
        ExpectRefusal(await node.Api.CallAsync(new HttpMethod(method), path));

    [Theory]
    [InlineData("GET /v1/arbiter/replicaset/a%00b HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET /v1/arbiter/status HTTP/1.1\r\nHost localhost\r\n\r\n")]
    [InlineData("GET /v1/arbiter/status HTTP/1.1\r\n\r\n")]
    [InlineData("GET  HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("quite another protocol\r\n\r\n")]
    [InlineData("GET /v1/arbiter/status HTTP/7.0\r\nHost: localhost\r\n\r\n")]
    [InlineData("PUT /v1/arbiter/control HTTP/1.1\r\nHost: localhost\r\nContent-Length: many\r\n\r\n")]
    public async Task Request_ThatTheWebServerItselfRejects_IsRefusedWithASentence(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, node.Arbiter.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        using var reader = new StreamReader(stream);
        var answer = (await reader.ReadToEndAsync()).Split("\r\n\r\n", 2);

        Assert.Matches(@"^HTTP/1\.1 (4\d\d|505) ", answer[0]);
        Assert.Contains("Content-Type: application/problem+json", answer[0], StringComparison.Ordinal);
        Assert.NotEmpty((string)JsonNode.Parse(answer[1])!["detail"]!);
    }

    [Theory]
    [InlineData("GET", "/v1/arbiter/status")]
    [InlineData("PUT", "/v1/arbiter/control")]
    [InlineData("DELETE", "/v1/arbiter/control")]
    [InlineData("GET", "/v1/arbiter/subscription")]
    [InlineData("PUT", "/v1/arbiter/subscription/control")]
    [InlineData("DELETE", "/v1/arbiter/subscription/control")]
    [InlineData("POST", "/v1/arbiter/subscription/1/pause")]
    [InlineData("POST", "/v1/arbiter/subscription/1/resume")]
    [InlineData("PUT", "/v1/arbiter/replicaset/public.canary")]
    [InlineData("DELETE", "/v1/arbiter/replicaset/public.canary")]
    [InlineData("PATCH", "/v1/arbiter/replicaset")]
    [InlineData("GET", "/v1/arbiter/replicaset/status")]
    [InlineData("GET", "/v1/arbiter/resolution/history")]
    [InlineData("GET", "/v1/arbiter/cluster")]
    [InlineData("GET", "/v1/arbiter/preflight")]
    [InlineData("GET", "/v1/arbiter/no-such-path")]
    [InlineData("GET", "/metrics")]
    public async Task Call_WithoutTheRightKey_IsRefused(string method, string path)
    {
        using var nobody = new RestApi(node.Api.Address, null);
        (await nobody.CallAsync(new HttpMethod(method), path)).ExpectProblem(401, "X-API-KEY");
        // After the first ones, which are answered with 403, each takes a second.
        await Task.WhenAll(
            new[] { "letmein", "LetMeIn2", "LetMeI", "*", new string('x', 10_000) }.Select(async key =>
            {
                using var stranger = new RestApi(node.Api.Address, key);
                var answer = await stranger.CallAsync(new HttpMethod(method), path);
                answer.ExpectProblem(answer.Code == 403 ? 403 : 429, "is not the API key");
            })
        );
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

    private static void ExpectRefusal(Answer answer)
    {
        Assert.InRange(answer.Code, 400, 499);
        answer.ExpectProblem(answer.Code);
    }

    private Task<string> StateAsync() =>
        node.TextAsync(
            """
            select
                'canary',
                to_regclass('public.canary') is not null,
                (select string_agg(subname || subconninfo || subenabled, ',' order by subname) from pg_subscription),
                (select string_agg(prrelid::regclass::text, ',' order by 1) from pg_publication_rel),
                (select count(*) from pg_replication_slots),
                (select count(*) from trktr.replicaset),
                (select count(*) from trktr.orphaned_slot),
                (select count(*) from pg_class where relname !~ '^pg_toast')
            """
        );
}
