using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Stories;

/// <summary>Whoever calls wrongly, or without the key, is told so in a sentence, and nothing is done.</summary>
public sealed class S12_BadCalls(Pair pair) : IClassFixture<Pair>, IAsyncLifetime
{
    private readonly MeshNode node = pair.Mesh[0];
    private readonly Canary canary = new(pair.Mesh[0]);

    public Task InitializeAsync() => canary.StartAsync();

    public Task DisposeAsync() => canary.AssertUntouchedAsync();

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
        (await node.Api.CallAsync(new HttpMethod(method), path)).ExpectRefusal();

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
}
