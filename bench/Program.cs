using Traktor.Bench.Apply;
using Traktor.Bench.Compat;
using Traktor.Bench.Contested;
using Traktor.Bench.Feed;
using Traktor.Bench.Heal;
using Traktor.Bench.Mesh;
using Traktor.Bench.Status;

// Every benchmark by name; bench/README.md says how to read what they print.
var benchmarks = new Dictionary<string, (string What, Func<Task> Run)>(StringComparer.Ordinal)
{
    ["status"] = ("One arbiter process: start, memory, GET /v1/arbiter/status", StatusBenchmark.RunAsync),
    ["feed"] = ("How soon a conflict is on a page and at a listener, also at 1,000 a second; memory of a page", FeedBenchmark.RunAsync),
    ["apply"] = ("Updates applied a second by the server's own worker, with the detector and without", ApplyBenchmark.RunAsync),
    ["mesh"] = ("Lag of three busy nodes, and what eight idle ones cost", MeshBenchmark.RunAsync),
    ["heal"] = ("Conflicts healed a second and how soon, beside the server's own apply", HealBenchmark.RunAsync),
    ["contested"] = ("Contested writes, beside PostgreSQL alone and pglogical", ContestedBenchmark.RunAsync),
    ["compat"] = ("What Pre16Compatibility costs the writer and the receiver", CompatBenchmark.RunAsync),
};

if (args is not [var name] || !benchmarks.TryGetValue(name, out var benchmark))
{
    await Console.Error.WriteLineAsync("Usage: dotnet run -c Release --project bench -- NAME, where NAME is one of");
    foreach (var (known, (what, _)) in benchmarks)
        await Console.Error.WriteLineAsync($"  {known, -10} {what}");
    return 2;
}

await benchmark.Run();
return 0;
