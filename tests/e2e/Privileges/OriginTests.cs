using System.Net;
using System.Net.WebSockets;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Privileges;

/// <summary>A page of another host in the browser of somebody who is signed in: it can open nothing here.</summary>
public sealed class OriginTests(Pair pair) : IClassFixture<Pair>
{
    private const string Foreign = "http://elsewhere.example";

    private readonly Uri address = pair.Mesh[0].Api.Address;

    private string Own => address.GetLeftPart(UriPartial.Authority);

    [Fact]
    public async Task WebSocket_OfAForeignPage_IsRefusedByItsHandshake()
    {
        using var session = await SignedInAsync();
        foreach (var path in new[] { "/_blazor", "/hubs/conflicts" })
        {
            Assert.Equal(HttpStatusCode.SwitchingProtocols, await ShakeHandsAsync(session, path, Own));
            // Another port of this host: the browser sends the cookie there, too.
            foreach (var origin in new[] { Foreign, "http://localhost:1", "null" })
                Assert.Equal(
                    path == "/_blazor" ? HttpStatusCode.Forbidden : HttpStatusCode.Unauthorized,
                    await ShakeHandsAsync(session, path, origin)
                );
        }
    }

    [Fact]
    public async Task Request_OfAForeignPage_IsRefused()
    {
        using var session = await SignedInAsync();
        foreach (var (method, path) in new[] { ("POST", "/_blazor/negotiate?negotiateVersion=1"), ("GET", "/_blazor?id=x"), ("GET", "/") })
        {
            Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(session, method, path, Foreign));
            Assert.NotEqual(HttpStatusCode.Forbidden, await AskAsync(session, method, path, Own));
        }

        using var foreign = new ConsoleSession(address);
        Assert.Equal(HttpStatusCode.Forbidden, (await foreign.SignInAsync(ArbiterProcess.ApiKey, Foreign)).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await foreign.SignInAsync(ArbiterProcess.ApiKey, Own)).StatusCode);
    }

    [Fact]
    public async Task RestApi_TakesAKeyFromEverywhereAndNoCookie()
    {
        using var session = await SignedInAsync();
        foreach (var path in new[] { "/v1/arbiter/status", "/metrics" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(session, "GET", path, Own));
            session.Client.DefaultRequestHeaders.Add("X-API-KEY", ArbiterProcess.ApiKey);
            Assert.Equal(HttpStatusCode.OK, await AskAsync(session, "GET", path, Foreign));
            session.Client.DefaultRequestHeaders.Remove("X-API-KEY");
        }
    }

    private async Task<ConsoleSession> SignedInAsync()
    {
        var session = new ConsoleSession(address);
        Assert.Equal(HttpStatusCode.Redirect, (await session.SignInAsync(ArbiterProcess.ApiKey)).StatusCode);
        return session;
    }

    private static async Task<HttpStatusCode> AskAsync(ConsoleSession session, string method, string path, string origin)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("Origin", origin);
        using var answer = await session.Client.SendAsync(request);
        return answer.StatusCode;
    }

    private async Task<HttpStatusCode> ShakeHandsAsync(ConsoleSession session, string path, string origin)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.Cookies = session.Cookies;
        socket.Options.SetRequestHeader("Origin", origin);
        try
        {
            await socket.ConnectAsync(new UriBuilder(new Uri(address, path)) { Scheme = "ws" }.Uri, CancellationToken.None);
        }
        catch (WebSocketException)
        {
            // The status says why.
        }

        return socket.HttpStatusCode;
    }
}
