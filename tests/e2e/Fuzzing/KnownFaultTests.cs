using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Fuzzing;

/// <summary>What was once answered with a 5xx, or not at all, and what is like it.</summary>
public sealed partial class KnownFaultTests(Pair pair) : IClassFixture<Pair>
{
    private const string Probe = "/v1/arbiter/subscription/probe";

    // The web server gives a body up after five seconds.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly MeshNode node = pair.Mesh[0];

    [Theory]
    [InlineData("Transfer-Encoding: chunked", "ffffffffffffffff\r\n{}\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked", "80000000\r\n{}\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked", "-1\r\n{}\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked", "2\r\n{}x\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: gzip, chunked", "2\r\n{}\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked, chunked", "2\r\n{}\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: gzip", "{}")]
    [InlineData("Content-Length: 2\r\nTransfer-Encoding: chunked", "2\r\n{}\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\nX-Content-Length: 2", "2\r\n{}\r\n0\r\n\r\n")]
    [InlineData("Content-Length: 2\r\nContent-Length: 3", "{}x")]
    public async Task Body_WithBrokenFraming_IsRefused(string framing, string body)
    {
        await RefusedAsync("PUT /v1/arbiter/priority", framing, body, "application/json", 400);
        await RefusedAsync("POST /v1/arbiter/row/public.nothing", framing, body, "application/json", 400);
        await RefusedAsync("POST /sign-in", framing, body, "application/x-www-form-urlencoded", 400);
        await RefusedAsync("POST /sign-out", framing, body, "application/x-www-form-urlencoded", 400);
    }

    /// <summary>The check of the antiforgery token throws where the form cannot be read.</summary>
    [Theory]
    [InlineData("POST /sign-in")]
    [InlineData("POST /sign-out")]
    public Task Form_WithTheCharacterZero_IsRefused(string form) =>
        RefusedAsync(form, "Content-Length: 14", "form-token=%00", "application/x-www-form-urlencoded", 400);

    /// <summary>
    /// The one request that gets no answer: see <see cref="AnswerRules"/>. It costs nothing but its connection.
    /// </summary>
    [Fact]
    public async Task Body_WithTwoLengthsAndTheNameOfTheOneThatIsIgnored_IsClosedAndHarmless()
    {
        var answer = await SendAsync(
            $"PUT /v1/arbiter/priority HTTP/1.1\r\nHost: localhost\r\n{HostileRequest.Key}: {ArbiterProcess.ApiKey}\r\n"
                + "Content-Type: application/json\r\nContent-Length: 2\r\nX-Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "2\r\n{}\r\n0\r\n\r\n"
        );

        Assert.Equal("", answer);
        (await node.Api.GetAsync("/v1/arbiter/status")).Expect(200);
        Assert.DoesNotContain(node.Arbiter.Log, line => line.Contains("fail:", StringComparison.Ordinal));
    }

    /// <summary>
    /// The web server gives up a body that never comes to its end; what can be refused without it is refused at once.
    /// </summary>
    [Fact]
    public async Task Body_ThatNeverEnds_IsGivenUp() =>
        await Task.WhenAll(
            RefusedAsync("PUT /v1/arbiter/priority", "Content-Length: 100", "{", "application/json", 408),
            RefusedAsync("PUT /v1/arbiter/priority", "Transfer-Encoding: chunked", "64\r\n{", "application/json", 408),
            RefusedAsync("POST /v1/arbiter/row/public.nothing", "Content-Length: 100", "{", "application/json", 408),
            RefusedAsync("POST /sign-in", "Content-Length: 100", "key", "application/x-www-form-urlencoded", 408),
            RefusedAsync("POST /v1/arbiter/row/%22%22", "Content-Length: 100", "{", "application/json", 400),
            RefusedAsync("POST /v1/arbiter/row/%22%22", "Transfer-Encoding: chunked", "64\r\n{", "application/json", 400),
            RefusedAsync("PUT /v1/arbiter/policy/x", "Content-Length: 100", "", "application/json", 400)
        );

    [Theory]
    [InlineData("PUT", "/v1/arbiter/priority", "{\"priorities\": \"id\"}")]
    [InlineData("PUT", "/v1/arbiter/priority", "{\"priorities\": [1]}")]
    [InlineData("PUT", "/v1/arbiter/priority", "{\"priorities\": {\"\\ud800\": 1}}")]
    [InlineData("PUT", "/v1/arbiter/priority", "{\"\\ud800 and so on, longer than the field\": 1}")]
    [InlineData("POST", "/v1/arbiter/row/public.nothing", "{\"\\ud800\": 1}")]
    [InlineData("POST", "/v1/arbiter/row/public.nothing", "{\"row\": {\"\\ud800\": 1}}")]
    [InlineData("POST", "/v1/arbiter/row/%22%22", "{\"row\": {}}")]
    [InlineData("POST", "/v1/arbiter/row/%22%22.%22%22", "{\"row\": {}}")]
    public async Task Json_ThatDoesNotFit_IsRefused(string method, string path, string body) =>
        (await node.Api.SendTextAsync(new HttpMethod(method), path, body)).ExpectProblem(400);

    public static TheoryData<string> Hosts =>
        new(
            new string('a', 64),
            "db." + new string('a', 64) + ".example",
            string.Join('.', Enumerable.Repeat(new string('a', 60), 5)),
            new string('é', 32),
            "a..b",
            "a:b",
            "127.0.0.1:99999",
            "[::1]:99999",
            "/" + new string('d', 100),
            "@" + new string('d', 100),
            "127.0.0.1," + new string('a', 64)
        );

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task Host_ThatCannotBe_IsRefused(string host)
    {
        var connectionString = $"host={host} user=nobody dbname=none";
        (await node.Api.PostAsync(Probe, new { connection_string = connectionString })).ExpectProblem(400, "connection string");
        (
            await node.Api.PutAsync("/v1/arbiter/subscription/control", new { inbound_node = 1, connection_string = connectionString })
        ).ExpectProblem(400, "connection string");
    }

    /// <summary>Without limits of its own this would wait for ever, and with many hosts for each in turn.</summary>
    [Fact]
    public async Task Host_ThatNeverAnswers_IsGivenUp()
    {
        // A listener that accepts nobody: connections are made, and nothing is ever said on them.
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start(100);
        var hosts = string.Join(',', Enumerable.Repeat("127.0.0.1", 30));
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var answer = await node.Api.PostAsync(
            Probe,
            new { connection_string = $"host={hosts} port={port} user=nobody dbname=none connect_timeout=0" }
        );
        answer.ExpectProblem(503, "no answer in time");
    }

    [Theory]
    [InlineData("/é", "/%C3%A9")]
    [InlineData("/subscriptions?from=é🐘", "/subscriptions?from=%C3%A9%F0%9F%90%98")]
    [InlineData("/subscriptions?from=1", "/subscriptions?from=1")]
    public async Task SignIn_ToAnyPath_LeadsThere(string wanted, string expected)
    {
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var browser = new HttpClient(handler) { BaseAddress = node.Api.Address };
        var page = await browser.GetStringAsync("/sign-in?return=" + Uri.EscapeDataString(wanted));
        using var form = new FormUrlEncodedContent([
            new("form-token", WebUtility.HtmlDecode(Token().Match(page).Groups[1].Value)),
            new("key", ArbiterProcess.ApiKey),
            new("return", wanted),
        ]);

        using var answer = await browser.PostAsync("/sign-in", form);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal(expected, answer.Headers.Location?.OriginalString);
    }

    [Theory]
    [InlineData("GET /sign-in", "Host: localhost:99999")]
    [InlineData("GET /sign-in", "Host:")]
    [InlineData("GET /sign-in", "Host: [")]
    public async Task Host_OfNoAddress_IsRefused(string call, string header) =>
        Expect(400, await SendAsync($"{call} HTTP/1.1\r\n{header}\r\nConnection: close\r\n\r\n"));

    private async Task RefusedAsync(string call, string framing, string body, string type, int status) =>
        Expect(
            status,
            await SendAsync(
                $"{call} HTTP/1.1\r\nHost: localhost\r\n{HostileRequest.Key}: {ArbiterProcess.ApiKey}\r\n"
                    + $"Content-Type: {type}\r\n{framing}\r\n\r\n{body}"
            )
        );

    private Task<string> SendAsync(string request) =>
        HttpSocket.SendAsync(node.Arbiter.Port, Encoding.Latin1.GetBytes(request), isHead: false, Limit);

    private void Expect(int status, string answer)
    {
        Assert.True(HttpSocket.Status(answer) == status, $"Expected {status}, got: {answer}");
        Assert.Equal("application/problem+json", HttpSocket.Header(answer, "Content-Type"));
        Assert.DoesNotContain(node.Arbiter.Log, line => line.Contains("fail:", StringComparison.Ordinal));
    }

    [GeneratedRegex("name=\"form-token\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
