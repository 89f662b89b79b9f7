using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Traktor.Engine;
using Traktor.Web.Api.Requests;

namespace Traktor.UnitTests.Web.Api;

public sealed class BodyReadingTests
{
    private readonly DefaultHttpContext context = new();

    public static TheoryData<Exception> Unreadable =>
        new(
            new IOException("a chunk size that overflows"),
            new InvalidDataException("a form with too many fields"),
            new BadHttpRequestException("a chunk size that is none"),
            new TaskCanceledException("gone", new ConnectionAbortedException())
        );

    [Theory]
    [MemberData(nameof(Unreadable))]
    public async Task ReadAsync_WhatTheCallerBroke_IsMalformed(Exception error)
    {
        context.Request.Protocol = HttpProtocol.Http11;

        var refused = await Assert.ThrowsAsync<RefusedException>(() =>
            BodyReading.ReadAsync(context, () => Task.FromException<int>(error))
        );

        Assert.Equal(RefusalKind.Malformed, refused.Kind);
        Assert.Equal("close", context.Response.Headers.Connection);
    }

    [Fact]
    public async Task ReadAsync_ErrorsOfOurs_StayErrors()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            BodyReading.ReadAsync(context, () => Task.FromException<int>(new InvalidOperationException()))
        );
        Assert.Equal(
            413,
            (
                await Assert.ThrowsAsync<BadHttpRequestException>(() =>
                    BodyReading.ReadAsync(context, () => Task.FromException<int>(new BadHttpRequestException("large", 413)))
                )
            ).StatusCode
        );
    }

    [Fact]
    public async Task TextAsync_AByteOrderMark_IsLeftOut()
    {
        context.Request.Body = new MemoryStream([.. Encoding.UTF8.Preamble, .. "{}"u8]);

        Assert.Equal("{}"u8.ToArray(), (await BodyReading.TextAsync(context)).ToArray());
    }
}
