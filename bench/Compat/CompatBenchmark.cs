using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Traktor.Engine.Access;

namespace Traktor.Bench.Compat;

/// <summary>
/// What Pre16Compatibility costs: marks on the writer, the filter on the receiver, beside a publication and
/// subscription of the server's own without either, in one run.
/// </summary>
internal static class CompatBenchmark
{
    private const string Columns = "id int primary key, name text not null, amount numeric";
    private const int Transactions = 20_000;
    private const int Single = 5_000;
    private const int Bulk = 300_000;
    private const int Rounds = 3;

    public static async Task RunAsync()
    {
        var major = int.Parse(Environment.GetEnvironmentVariable("TRAKTOR_BENCH_POSTGRES") ?? "15", CultureInfo.InvariantCulture);
        await using var mesh = await BenchMesh.StartAsync(major, pre16Compatibility: true);
        await mesh.ReplicateAsync("marked", Columns);
        await mesh.OneWayAsync();
        await mesh.FollowAsync("plain", Columns);
        await using var writer = await mesh.OpenAsync(0);
        await using var receiver = await mesh.OpenAsync(1);
        Write($"PostgreSQL {major}, {Environment.ProcessorCount} cores, fsync off; medians of {Rounds}: without marks, with marks, ratio");

        var rates = new Dictionary<string, Dictionary<bool, List<double>>>();
        var last = 0;
        for (var round = 0; round < Rounds; round++)
            foreach (var isMarked in (bool[])[false, true])
            {
                var table = isMarked ? "marked" : "plain";
                async Task MeasureAsync(string what, int units, Func<Task> write)
                {
                    await PauseAsync(mesh, receiver, isMarked);
                    await BenchMesh.ExecuteAsync(writer, "checkpoint");
                    var clock = Stopwatch.StartNew();
                    await write();
                    Note(rates, $"{what}, written", isMarked, units / clock.Elapsed.TotalSeconds);
                    await BenchMesh.ExecuteAsync(writer, $"insert into {table} values (-{++last}, 'last', 0)");
                    Note(rates, $"{what}, applied", isMarked, units / await DrainAsync(mesh, receiver, isMarked, table));
                }

                var first = round * 1_000_000;
                await MeasureAsync(
                    "transactions/s of one row, in a loop inside the server",
                    Transactions,
                    () =>
                        BenchMesh.ExecuteAsync(
                            writer,
                            $"""
                            do $$
                            begin
                                for i in {first + 1}..{first + Transactions} loop
                                    insert into {table} values (i, 'x', 1);
                                    commit;
                                end loop;
                            end
                            $$
                            """
                        )
                );
                await MeasureAsync("transactions/s of one row, from a client", Single, () => OneByOneAsync(writer, table, first + 50_000));
                await MeasureAsync(
                    "rows/s of one insert",
                    Bulk,
                    () =>
                        BenchMesh.ExecuteAsync(
                            writer,
                            $"insert into {table} select i, 'x', 1 from generate_series({first + 100_001}, {first + 100_000 + Bulk}) i"
                        )
                );
                await MeasureAsync(
                    "rows/s of one update",
                    Bulk,
                    () =>
                        BenchMesh.ExecuteAsync(
                            writer,
                            $"update {table} set amount = amount + 1 where id between {first + 100_001} and {first + 100_000 + Bulk}"
                        )
                );
                await MeasureAsync("rows/s of one COPY", Bulk, () => CopyAsync(writer, table, first + 500_000));
            }

        foreach (var (what, two) in rates)
            Write($"{what, -66}: {Median(two[false]), 10:N0} {Median(two[true]), 10:N0} {Median(two[true]) / Median(two[false]), 6:0.00}");
    }

    private static async Task OneByOneAsync(NpgsqlConnection writer, string table, int first)
    {
        await using var insert = new NpgsqlCommand($"insert into {table} values ($1, 'x', 1)", writer)
        {
            Parameters = { new NpgsqlParameter<int>() },
        };
        await insert.PrepareAsync();
        for (var i = 1; i <= Single; i++)
        {
            ((NpgsqlParameter<int>)insert.Parameters[0]).TypedValue = first + i;
            await insert.ExecuteNonQueryAsync();
        }
    }

    private static async Task CopyAsync(NpgsqlConnection writer, string table, int first)
    {
        await using var copy = await writer.BeginTextImportAsync($"copy {table} from stdin");
        for (var i = 1; i <= Bulk; i++)
            await copy.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{first + i}\tx\t1\n"));
    }

    private static Task PauseAsync(BenchMesh mesh, NpgsqlConnection receiver, bool isMarked) =>
        isMarked
            ? mesh.Healing.As(Actor.OfCommandLine()).PauseAsync(0, CancellationToken.None)
            : BenchMesh.ExecuteAsync(receiver, "alter subscription plain disable");

    /// <summary>
    /// Lets flow what has gathered, in one run of the apply worker. Returns the seconds from its start to the last row.
    /// </summary>
    private static async Task<double> DrainAsync(BenchMesh mesh, NpgsqlConnection receiver, bool isMarked, string table)
    {
        var last = await BenchMesh.ScalarAsync<long>(receiver, $"select count(*) from {table} where id < 0") + 1;
        if (isMarked)
            await mesh.Healing.As(Actor.OfCommandLine()).ResumeAsync(0, CancellationToken.None);
        else
            await BenchMesh.ExecuteAsync(receiver, "alter subscription plain enable");
        var name = isMarked ? "trktr_sub_1_0" : "plain";
        while (
            !await BenchMesh.ScalarAsync<bool>(
                receiver,
                $"""
                select exists (
                    select
                    from pg_stat_subscription
                    where subname = '{name}'
                      and pid is not null
                      and received_lsn is not null
                )
                """
            )
        )
            await Task.Delay(1);
        var clock = Stopwatch.StartNew();
        while (await BenchMesh.ScalarAsync<long>(receiver, $"select count(*) from {table} where id < 0") < last)
            await Task.Delay(5);
        return clock.Elapsed.TotalSeconds;
    }

    private static void Note(Dictionary<string, Dictionary<bool, List<double>>> rates, string what, bool isMarked, double rate)
    {
        if (!rates.TryGetValue(what, out var two))
            rates[what] = two = new() { [false] = [], [true] = [] };
        two[isMarked].Add(rate);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static void Write(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
