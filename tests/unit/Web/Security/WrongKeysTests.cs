using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Traktor.Web.Contracts.Problems;
using Traktor.Web.Security.Gates;
using Traktor.Web.Security.Keys;

namespace Traktor.UnitTests.Web.Security;

public sealed class WrongKeysTests
{
    private const string Here = "192.0.2.1";

    private readonly FakeTimeProvider _time = new();
    private readonly WrongKeys _wrongKeys;

    public WrongKeysTests() => _wrongKeys = new WrongKeys(_time);

    /// <summary>A call with a wrong key: its answer, as soon as it comes.</summary>
    private async Task<HttpResponse> GuessAsync(string from = Here, CancellationToken gone = default)
    {
        var context = new DefaultHttpContext { Response = { Body = new MemoryStream() }, RequestAborted = gone };
        context.Connection.RemoteIpAddress = IPAddress.Parse(from);
        await _wrongKeys.RefuseAsync(context, Problem.Of(403, "The key is wrong."));
        return context.Response;
    }

    private async Task UseUpFreeOnesAsync(string from = Here)
    {
        for (var i = 0; i < KeyAttempts.Free; i++)
            Assert.Equal(403, (await GuessAsync(from)).StatusCode);
    }

    [Fact]
    public async Task RefuseAsync_AfterTheFreeOnes_AnswersLateWith429AndWhatToDo()
    {
        await UseUpFreeOnesAsync();

        var answer = GuessAsync();
        Assert.False(answer.IsCompleted);
        _time.Advance(WrongKeys.Delay);

        var response = await answer;
        Assert.Equal((429, "1"), (response.StatusCode, response.Headers.RetryAfter.ToString()));
        response.Body.Position = 0;
        var problem = (await JsonNode.ParseAsync(response.Body))!;
        Assert.Equal("The key is wrong. This address has sent too many wrong keys.", (string?)problem["detail"]);
        Assert.Equal("The right key is accepted at once. Wait 1 s before you try another one.", (string?)problem["hint"]);
    }

    [Fact]
    public async Task RefuseAsync_FromAnotherAddress_AnswersAtOnce()
    {
        await UseUpFreeOnesAsync();
        await UseUpFreeOnesAsync("192.0.2.2");
    }

    [Fact]
    public async Task RefuseAsync_ManyAtOnce_AnswersAllLate()
    {
        await UseUpFreeOnesAsync();

        var answers = Enumerable.Range(0, 100).Select(_ => GuessAsync()).ToList();
        Assert.All(answers, answer => Assert.False(answer.IsCompleted));
        _time.Advance(WrongKeys.Delay);

        Assert.All(await Task.WhenAll(answers), answer => Assert.Equal(429, answer.StatusCode));
    }

    [Fact]
    public async Task RefuseAsync_CallerGivesUp_EndsAndCountsAllTheSame()
    {
        await UseUpFreeOnesAsync();
        using var gone = new CancellationTokenSource();
        var answer = GuessAsync(gone: gone.Token);
        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        Assert.False(GuessAsync().IsCompleted);
    }
}
