using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Traktor.Web.Api.Requests;

namespace Traktor.UnitTests.Web.Api;

public sealed class LargeBodiesTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public async Task EnterAsync_OneMoreThanAtOnce_WaitsForAPlace()
    {
        using var bodies = new LargeBodies(time);
        var first = await bodies.EnterAsync(CancellationToken.None);
        for (var i = 1; i < LargeBodies.AtOnce; i++)
            await bodies.EnterAsync(CancellationToken.None);

        var oneMore = bodies.EnterAsync(CancellationToken.None);
        Assert.False(oneMore.IsCompleted);
        // Disposing twice frees one place.
        first.Dispose();
        first.Dispose();
        await oneMore;

        Assert.False(bodies.EnterAsync(CancellationToken.None).IsCompleted);
    }

    [Fact]
    public async Task EnterAsync_NoPlaceInTime_IsRefused()
    {
        using var bodies = new LargeBodies(time);
        for (var i = 0; i < LargeBodies.AtOnce; i++)
            await bodies.EnterAsync(CancellationToken.None);

        var oneMore = bodies.EnterAsync(CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(429, (await Assert.ThrowsAsync<BadHttpRequestException>(() => oneMore)).StatusCode);
    }
}
