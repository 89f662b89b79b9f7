using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Traktor.Web.Security.Gates;

namespace Traktor.UnitTests.Web.Security;

public sealed class TrustedProxiesTests
{
    [Theory]
    [InlineData("10.1.2.3", "192.0.2.7", "192.0.2.7")]
    [InlineData("::ffff:10.1.2.3", "192.0.2.7", "192.0.2.7")]
    // What the client itself claims stands before what the first proxy saw.
    [InlineData("10.1.2.3", "203.0.113.9, 192.0.2.7, 10.1.9.9", "192.0.2.7")]
    [InlineData("10.2.2.3", "192.0.2.7", "10.2.2.3")]
    [InlineData("127.0.0.1", "192.0.2.7", "127.0.0.1")]
    public async Task Address_BehindAProxy_IsBelievedFromTrustedOnesOnly(string from, string forwarded, string address)
    {
        var context = await PassAsync([IPNetwork.Parse("10.1.0.0/16")], from, forwarded);

        Assert.Equal(IPAddress.Parse(address), context.Connection.RemoteIpAddress);
        var isBelieved = address != from;
        Assert.Equal(isBelieved ? "node0.example.net" : "h:8080", context.Request.Host.Value);
        Assert.Equal(isBelieved, context.Request.IsHttps);
    }

    [Fact]
    public async Task Address_WithoutTrustedProxies_IsThatOfTheConnection()
    {
        foreach (var from in new[] { "127.0.0.1", "10.1.2.3" })
            Assert.Equal(IPAddress.Parse(from), (await PassAsync([], from, "192.0.2.7")).Connection.RemoteIpAddress);
    }

    private static async Task<HttpContext> PassAsync(IReadOnlyList<IPNetwork> proxies, string from, string forwarded)
    {
        await using var services = new ServiceCollection().AddLogging().AddOptions().BuildServiceProvider();
        var app = new ApplicationBuilder(services);
        app.UseTrustedProxies(proxies);
        app.Run(_ => Task.CompletedTask);
        var context = new DefaultHttpContext { Request = { Scheme = "http", Host = new HostString("h", 8080) } };
        context.Connection.RemoteIpAddress = IPAddress.Parse(from);
        context.Request.Headers["X-Forwarded-For"] = forwarded;
        context.Request.Headers["X-Forwarded-Proto"] = "https";
        context.Request.Headers["X-Forwarded-Host"] = "node0.example.net";
        await app.Build()(context);
        return context;
    }
}
