using System.Collections.Concurrent;
using System.Globalization;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;
using Xunit.Abstractions;

namespace Traktor.E2ETests.Fuzzing;

/// <summary>
/// Thousands of hostile requests, over every route and over HTTP itself. <c>TRAKTOR_FUZZ_SEED=n</c> plays the requests
/// of seed n again; without it the seed is the day. <c>TRAKTOR_FUZZ_REQUESTS=n</c> sends n of them.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int AtOnce = 8;
    private const int MostShown = 10;
    private const int Usual = 2_000;

    // One route in so many: whether a random call finds what it names is a matter of luck.
    private const int MostMissed = 5;

    // Longer than an arbiter waits for the server of a connection string (10 s).
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly int Count = Number("TRAKTOR_FUZZ_REQUESTS") ?? (Tier.IsAll ? 20_000 : Usual);

    private static readonly int Seed = Number("TRAKTOR_FUZZ_SEED") ?? Tier.Day;

    [Fact]
    public async Task HostileRequests_OnEveryRoute_AreAnsweredWithoutAServerError()
    {
        await using var mesh = await TestMesh.StartFullAsync(Tier.Major);
        var node = mesh[0];
        await node.ExecuteAsync(
            """
            create table fuzzed (id int primary key, note text, at timestamptz, doc jsonb);
            create table "Fuzzed too" (id bigint primary key);
            create table canary (id int primary key);
            insert into fuzzed values (1, 'untouched')
            """
        );
        await node.StageAsync("public.fuzzed");
        await node.CommitAsync();
        var routes = ApiRoute.Read((await node.Api.GetAsync("/openapi.json")).Expect(200).Json);
        var requests = new HostileRequests(Seed, routes, node.Server.Port);
        var faults = new ConcurrentQueue<string>();
        var statuses = new ConcurrentDictionary<(string Route, int Status), int>();

        // Requests are made one after the other, as they are needed, and sent several at a time.
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Count).Select(requests.Of),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (request, _) =>
            {
                var answer = "";
                string? fault;
                try
                {
                    answer = await HttpSocket.SendAsync(node.Arbiter.Port, request.ToBytes(), request.IsHead, Limit);
                    fault = AnswerRules.WhyWrong(request, answer);
                }
                catch (OperationCanceledException)
                {
                    fault = $"No answer within {Limit.TotalSeconds} s.";
                }

                statuses.AddOrUpdate((request.Route.Name, HttpSocket.Status(answer)), 1, (_, count) => count + 1);
                if (fault is not null)
                    faults.Enqueue($"{fault}\n{request}\nanswer:\n{HostileRequest.Printed(answer)}");
            }
        );

        foreach (var status in statuses.GroupBy(entry => entry.Key.Status, entry => entry.Value).OrderBy(group => group.Key))
            output.WriteLine($"{status.Key}: {status.Sum()}");
        Assert.True(
            faults.IsEmpty,
            $"Seed {Seed}: {faults.Count} of {Count} requests. TRAKTOR_FUZZ_SEED={Seed} plays them again.\n\n"
                + string.Join("\n\n", faults.Take(MostShown))
                + $"\n\n{node.Diagnose()}"
        );
        // Otherwise the requests would all fail at the door, and nothing would have been tested. A few may well.
        var missed = routes.Select(route => route.Name).Where(name => !IsReached(statuses, name)).ToList();
        Assert.True(
            Count < Usual || missed.Count <= routes.Count / MostMissed,
            $"Seed {Seed}: no request got into {string.Join(", ", missed)}."
        );
        Assert.DoesNotContain(
            node.Arbiter.Log,
            line => line.Contains("fail:", StringComparison.Ordinal) || line.Contains("crit:", StringComparison.Ordinal)
        );
        Assert.True(node.Arbiter is { IsRunning: true, Lives: 1 });
        Assert.True((bool)(await node.StatusAsync())["is_initialized"]!);
        await node.AwaitTextAsync(
            "select to_regclass('canary') is not null, (select string_agg(id || note, ',') from fuzzed)",
            "True|1untouched"
        );
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private static bool IsReached(ConcurrentDictionary<(string Route, int Status), int> statuses, string route) =>
        statuses.Keys.Any(seen => seen.Route == route && (seen.Status is (>= 200 and < 300) or 404 or 409 or 503 || IsWrongPassword(seen)));

    // The key is right: it is the password that is refused.
    private static bool IsWrongPassword((string Route, int Status) seen) =>
        seen.Route.EndsWith("/password", StringComparison.Ordinal) && seen.Status is 403 or 429;
}
