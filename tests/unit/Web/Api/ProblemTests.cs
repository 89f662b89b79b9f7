using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Traktor.Engine;
using Traktor.Web.Api.Requests;

namespace Traktor.UnitTests.Web.Api;

public sealed class ProblemTests
{
    private const string Secret = "password=opensesame";

    [Theory]
    [InlineData(RefusalKind.Malformed, 400)]
    [InlineData(RefusalKind.Forbidden, 403)]
    [InlineData(RefusalKind.NotFound, 404)]
    [InlineData(RefusalKind.Conflict, 409)]
    [InlineData(RefusalKind.Preflight, 422)]
    [InlineData(RefusalKind.Unavailable, 503)]
    [InlineData(RefusalKind.TooManyAttempts, 429)]
    public async Task Invoke_Refusal_AnswersItsStatusWithItsWords(RefusalKind kind, int status)
    {
        var (context, json) = await AnswerAsync(new RefusedException(kind, "It is so.", "Do this."));

        Assert.Equal(status, context.Response.StatusCode);
        Assert.Equal("application/problem+json", context.Response.ContentType);
        Assert.Equal(status, json.GetProperty("status").GetInt32());
        Assert.Equal("It is so.", json.GetProperty("detail").GetString());
        Assert.Equal("Do this.", json.GetProperty("hint").GetString());
    }

    [Fact]
    public async Task Invoke_TooManyAttempts_SaysWhenToTryAgain()
    {
        var (context, _) = await AnswerAsync(RefusedException.TooManyAttempts("It is so.", TimeSpan.FromSeconds(1.5)));

        Assert.Equal(429, context.Response.StatusCode);
        Assert.Equal("2", context.Response.Headers.RetryAfter);
    }

    [Fact]
    public async Task Invoke_UnforeseenException_AnswersATraceIdAndNoText()
    {
        var log = new Lines();
        var (context, json) = await AnswerAsync(new InvalidOperationException(Secret, new ArgumentException(Secret)), log);

        Assert.Equal(500, context.Response.StatusCode);
        Assert.DoesNotContain("opensesame", json.GetRawText(), StringComparison.Ordinal);
        var line = Assert.Single(log.Written);
        Assert.Contains(json.GetProperty("trace_id").GetString()!, line, StringComparison.Ordinal);
        Assert.DoesNotContain("opensesame", line, StringComparison.Ordinal);
    }

    public static TheoryData<Exception> Unanswered =>
        [new NpgsqlException(Secret), new TimeoutException(Secret), new OperationCanceledException(Secret)];

    [Theory]
    [MemberData(nameof(Unanswered), DisableDiscoveryEnumeration = true)]
    public async Task Invoke_PostgresThatDoesNotAnswer_Is503WithoutText(Exception thrown)
    {
        var log = new Lines();
        var (context, json) = await AnswerAsync(thrown, log);

        Assert.Equal(503, context.Response.StatusCode);
        Assert.DoesNotContain("opensesame", json.GetRawText() + string.Concat(log.Written), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invoke_BodyTooLarge_Is413() =>
        Assert.Equal(413, (await AnswerAsync(new BadHttpRequestException("x", 413))).Context.Response.StatusCode);

    [Theory]
    [InlineData(404)]
    [InlineData(405)]
    public async Task Invoke_BareStatus_GetsASentence(int status)
    {
        var context = NewContext();
        await new ProblemPages(
            c =>
            {
                c.Response.StatusCode = status;
                return Task.CompletedTask;
            },
            NullLogger<ProblemPages>.Instance
        ).InvokeAsync(context);

        Assert.NotEmpty(Read(context).GetProperty("detail").GetString()!);
    }

    private static async Task<(HttpContext Context, JsonElement Json)> AnswerAsync(Exception thrown, ILogger<ProblemPages>? log = null)
    {
        var context = NewContext();
        await new ProblemPages(_ => throw thrown, log ?? NullLogger<ProblemPages>.Instance).InvokeAsync(context);
        return (context, Read(context));
    }

    private static DefaultHttpContext NewContext() =>
        new() { Request = { Method = "GET", Path = "/v1/x" }, Response = { Body = new MemoryStream() } };

    private static JsonElement Read(HttpContext context)
    {
        context.Response.Body.Position = 0;
        return JsonDocument.Parse(context.Response.Body).RootElement;
    }

    private sealed class Lines : ILogger<ProblemPages>
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => Written.Add(formatter(state, exception) + exception);
    }
}
