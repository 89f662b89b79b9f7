using System.Globalization;

namespace Traktor.Bench.Contested;

/// <summary>The same contested writes on Traktor, on PostgreSQL alone and on pglogical, one after the other.</summary>
internal static class ContestedBenchmark
{
    private static readonly TimeSpan Updating = TimeSpan.FromSeconds(Number("TRAKTOR_BENCH_SECONDS", 20));
    private static readonly TimeSpan Hot = TimeSpan.FromSeconds(3 * Number("TRAKTOR_BENCH_SECONDS", 20));

    public static async Task RunAsync()
    {
        var major = Number("TRAKTOR_BENCH_POSTGRES", 16);
        Write($"PostgreSQL {major}, {Environment.ProcessorCount} cores, fsync off; pglogical on PostgreSQL 15");
        var traktor = await MeasureAsync("Traktor", nodes => TraktorSystem.StartAsync(major, nodes), stopsAtInserts: false);
        var native = await MeasureAsync("PostgreSQL alone", nodes => SubscribedSystem.StartNativeAsync(major, nodes), stopsAtInserts: true);
        var pglogical = await TryAsync(() =>
            MeasureAsync("pglogical", nodes => SubscribedSystem.StartPglogicalAsync(15, nodes), stopsAtInserts: false)
        );
        Write("");
        Write("| | Traktor | PostgreSQL alone | pglogical | ratio |");
        Write("|---|---|---|---|---|");
        foreach (var name in traktor.Keys)
        {
            var (own, alone, other) = (traktor[name], native[name], pglogical?[name] ?? double.NaN);
            Write($"| {name} | {Text(own)} | {Text(alone)} | {Text(other)} | {Text(own / (double.IsNaN(alone) ? other : alone))} |");
        }
    }

    /// <summary>All figures of one system; NaN where it cannot do that.</summary>
    private static async Task<Dictionary<string, double>> MeasureAsync(
        string name,
        Func<int, Task<IReplicationSystem>> start,
        bool stopsAtInserts
    )
    {
        var figures = new Dictionary<string, double>(StringComparer.Ordinal);
        void Note(string what, double figure)
        {
            figures[what] = figure;
            Write($"{name, -16}  {what, -44}  {Text(figure)}");
        }

        await using (var pair = await ContestedPair.StartAsync(start))
        {
            var (drained, equal) = stopsAtInserts ? (double.NaN, double.NaN) : await pair.ConflictAsync(isInsert: true);
            Note("insert/insert, drained, s", drained);
            Note("insert/insert, equal, s", equal);
            (drained, equal) = await pair.ConflictAsync(isInsert: false);
            Note("update/update, drained, s", drained);
            Note("update/update, equal, s", equal);
            (var rate, drained, equal) = await pair.UpdateAsync(Updating);
            Note("random updates, transactions/s", rate);
            Note("random updates, drained, s", drained);
            Note("random updates, equal, s", equal);
        }

        var (hotRate, hotEqual) = await HotRows.RunAsync(start, Hot);
        Note("three nodes, pgbench, transactions/s", hotRate);
        Note("three nodes, pgbench, equal, s", hotEqual);
        return figures;
    }

    private static async Task<Dictionary<string, double>?> TryAsync(Func<Task<Dictionary<string, double>>> measure)
    {
        try
        {
            return await measure();
        }
        catch (Traktor.Sandbox.SandboxException)
        {
            Write("pglogical is left out: it needs PostgreSQL 15 of the system with its package (Debian: postgresql-15-pglogical).");
            return null;
        }
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : otherwise;

    private static string Text(double figure) =>
        double.IsNaN(figure) ? "" : figure.ToString(figure < 100 ? "0.00" : "#,0", CultureInfo.InvariantCulture);

    private static void Write(string line) => Console.WriteLine(line);
}
