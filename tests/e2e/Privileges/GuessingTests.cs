using System.Diagnostics;
using System.Globalization;
using System.Net;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;
using Xunit.Abstractions;

namespace Traktor.E2ETests.Privileges;

/// <summary>Guessing keys gets slow, and nobody who has a right one notices.</summary>
public sealed class GuessingTests(ITestOutputHelper output)
{
    private const string ReadOnlyKey = "OnlyLooking";
    private static readonly int Guesses = Tier.IsAll ? 200 : 60;
    private const int Connections = 32;

    [Fact]
    [Trait("Tier", "turn")]
    public async Task RestApi_ManyWrongKeys_GetsSlowAndTakesTheRightOneAllTheWhile()
    {
        await using var mesh = await TestMesh.StartAsync([18], null);
        var arbiter = mesh[0].Arbiter;
        var (wrong, late) = (0, 0);
        var clock = Stopwatch.StartNew();
        var guessing = Parallel.ForEachAsync(
            Enumerable.Range(0, Guesses),
            new ParallelOptions { MaxDegreeOfParallelism = Connections },
            async (number, _) =>
            {
                using var guesser = new RestApi(arbiter.Api.Address, string.Create(CultureInfo.InvariantCulture, $"guess {number}"));
                var answer = await guesser.GetAsync("/v1/arbiter/status");
                Interlocked.Increment(ref answer.Code == 403 ? ref wrong : ref late);
                answer.ExpectProblem(answer.Code == 403 ? 403 : 429, "is not the API key");
            }
        );
        var right = 0;
        while (!guessing.IsCompleted)
        {
            (await arbiter.Api.GetAsync("/v1/arbiter/status")).Expect(200);
            right++;
            await Task.Delay(10);
        }

        await guessing;
        output.WriteLine($"{Guesses} guesses in {clock.Elapsed.TotalSeconds:0.0} s: {wrong} answered with 403; {right} right keys.");
        Assert.InRange(wrong, 5, 15);
        Assert.Equal(Guesses, wrong + late);
        Assert.True(right > 0);
        // The hubs count with the API; the sign-in counts for itself.
        using var listener = new RestApi(arbiter.Api.Address, "one more guess");
        var answers = new List<int>();
        for (var i = 0; i < 3; i++)
            answers.Add((await listener.PostAsync("/hubs/conflicts/negotiate?negotiateVersion=1")).Code);
        Assert.Contains(429, answers);
        using var session = new ConsoleSession(arbiter.Api.Address);
        Assert.Equal(HttpStatusCode.Redirect, (await session.SignInAsync(ArbiterProcess.ApiKey)).StatusCode);
    }

    [Fact]
    public async Task SignIn_WithTheReadOnlyKeyInBetween_MakesNoRoomForGuesses()
    {
        await using var mesh = await TestMesh.StartAsync([18], null);
        var arbiter = mesh[0].Arbiter;
        await arbiter.TerminateAsync();
        await arbiter.ConfigureAsync(mesh[0].Server.Conninfo(TestMesh.Database), ("ReadOnlyAPIKey", ReadOnlyKey));
        await arbiter.StartAsync();

        using var session = new ConsoleSession(arbiter.Api.Address);
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await session.SignInAsync("a guess")).StatusCode);
            Assert.Equal(HttpStatusCode.Redirect, (await session.SignInAsync(ReadOnlyKey)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await session.SignInAsync("a guess")).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await session.SignInAsync("a guess")).StatusCode);
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task SignIn_BehindATrustedProxy_CountsTheClientsAddresses()
    {
        await using var mesh = await TestMesh.StartAsync([18], null);
        var arbiter = mesh[0].Arbiter;
        foreach (var isTrusted in new[] { false, true })
        {
            await arbiter.TerminateAsync();
            await arbiter.ConfigureAsync(
                mesh[0].Server.Conninfo(TestMesh.Database),
                isTrusted ? [("TrustedProxies", "127.0.0.0/8, ::1")] : []
            );
            await arbiter.StartAsync();
            using var attacker = new ConsoleSession(arbiter.Api.Address);
            attacker.Client.DefaultRequestHeaders.Add("X-Forwarded-For", "192.0.2.66");
            for (var i = 0; i < 5; i++)
                Assert.Equal(HttpStatusCode.Forbidden, (await attacker.SignInAsync("a guess")).StatusCode);
            Assert.Equal(HttpStatusCode.TooManyRequests, (await attacker.SignInAsync("a guess")).StatusCode);

            using var operatorsSession = new ConsoleSession(arbiter.Api.Address);
            operatorsSession.Client.DefaultRequestHeaders.Add("X-Forwarded-For", "192.0.2.7");
            Assert.Equal(
                isTrusted ? HttpStatusCode.Redirect : HttpStatusCode.TooManyRequests,
                (await operatorsSession.SignInAsync(ArbiterProcess.ApiKey)).StatusCode
            );
        }
    }
}
