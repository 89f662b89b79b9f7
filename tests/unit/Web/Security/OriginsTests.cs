using Microsoft.AspNetCore.Http;
using Traktor.Engine.ConnectionStrings;
using Traktor.Web.Configuration;
using Traktor.Web.Security.Gates;

namespace Traktor.UnitTests.Web.Security;

public sealed class OriginsTests
{
    private static readonly Uri PublicUrl = new("https://node0.example.net/traktor");

    [Theory]
    [InlineData(null, "h:8080")]
    [InlineData("http://h:8080", "h:8080")]
    [InlineData("https://h:8080", "h:8080")]
    [InlineData("http://h", "h")]
    [InlineData("http://h", "h:80")]
    [InlineData("https://h", "h:443")]
    [InlineData("http://[::1]:8080", "[::1]:8080")]
    [InlineData("http://localhost:8080", "LOCALHOST:8080")]
    [InlineData("https://node0.example.net", "127.0.0.1:8080")]
    public void IsOurs_NoPageOrAPageOfThisArbiter_IsOurs(string? origin, string host) => Assert.True(IsOurs(origin, host));

    [Theory]
    [InlineData("http://elsewhere.example", "h:8080")]
    [InlineData("http://h:8081", "h:8080")]
    [InlineData("http://h", "h:8080")]
    [InlineData("http://h", "h:443")]
    [InlineData("http://127.0.0.1:8080", "localhost:8080")]
    [InlineData("http://h.elsewhere.example:8080", "h:8080")]
    [InlineData("http://node0.example.net", "127.0.0.1:8080")]
    [InlineData("null", "h:8080")]
    [InlineData("file://h", "h")]
    [InlineData("http://h:8080,http://elsewhere.example", "h:8080")]
    [InlineData("h:8080", "h:8080")]
    public void IsOurs_APageOfElsewhere_IsNot(string origin, string host) => Assert.False(IsOurs(origin, host));

    [Theory]
    [InlineData("/_blazor", 403)]
    [InlineData("/_blazor/negotiate", 403)]
    [InlineData("/sign-in", 403)]
    [InlineData("/", 403)]
    [InlineData("/v1/arbiter/status", 200)]
    [InlineData("/openapi.json", 200)]
    public async Task InvokeAsync_AForeignPage_ReachesOnlyWhatTakesNoCookie(string path, int status)
    {
        var gate = new OriginGate(
            _ => Task.CompletedTask,
            new ArbiterConfiguration
            {
                NodeID = 0,
                ConnectionString = Conninfo.Parse("user=anna"),
                APIAddress = new ListenAddress("127.0.0.1", 8080),
                APIKey = "long enough",
                PublicURL = PublicUrl,
            }
        );
        var context = new DefaultHttpContext { Request = { Path = path, Host = new HostString("h", 8080) } };
        context.Request.Headers.Origin = "http://elsewhere.example";

        await gate.InvokeAsync(context);

        Assert.Equal(status, context.Response.StatusCode);
    }

    private static bool IsOurs(string? origin, string host)
    {
        var request = new DefaultHttpContext().Request;
        request.Host = new HostString(host);
        request.Headers.Origin = origin;
        return Origins.IsOurs(request, PublicUrl);
    }
}
