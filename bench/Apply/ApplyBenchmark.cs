using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Traktor.Engine.Access;
using Traktor.Engine.Conflicts;

namespace Traktor.Bench.Apply;

/// <summary>
/// How fast a subscriber's own apply worker applies updates, with the detector's triggers on the table and without, in
/// one run and by turns.
/// </summary>
internal static class ApplyBenchmark
{
    private const string Columns = "id int primary key, name text not null, amount numeric, at timestamptz default clock_timestamp()";
    private const int Rows = 100_000;
    private const int Bulk = 6;
    private const int Single = 20_000;
    private const int Rounds = 5;

    public static async Task RunAsync()
    {
        var major = int.Parse(Environment.GetEnvironmentVariable("TRAKTOR_BENCH_POSTGRES") ?? "18", CultureInfo.InvariantCulture);
        await using var mesh = await BenchMesh.StartAsync(major);
        await using var writer = await mesh.OpenAsync(0);
        await using var reader = await mesh.OpenAsync(1);
        string[] tables = ["plain", "watched"];
        foreach (var table in tables)
            await mesh.ReplicateAsync(table, Columns);
        foreach (var arbiter in mesh.Arbiters)
            await arbiter
                .As(Actor.OfCommandLine())
                .SetPolicyAsync("public.plain", Policy.LastUpdateWins, detector: false, isMesh: false, CancellationToken.None);
        foreach (var table in tables)
            await BenchMesh.ExecuteAsync(writer, $"insert into {table} select i, 'name ' || i, i * 1.5 from generate_series(1, {Rows}) i");
        while (
            await BenchMesh.ScalarAsync<long>(
                reader,
                """
                select count(*)
                from pg_trigger
                where tgname ~ '^trktr_(detect|key)'
                  and tgrelid in ('plain'::regclass, 'watched'::regclass)
                """
            ) != 3
        )
            await Task.Delay(50);

        // Nothing is contested: this session certifies it in the arbiter's place.
        await BenchMesh.ScalarAsync<long>(reader, "select setval('trktr.nothing_contested', 1)");
        Write($"PostgreSQL {major}, {Environment.ProcessorCount} cores, fsync off; medians of {Rounds} rounds by turns");
        await CompareAsync(
            $"{Bulk * Rows:N0} updates in {Bulk} transactions",
            "rows/s",
            tables,
            table =>
                MeasureAsync(
                    mesh,
                    writer,
                    reader,
                    Bulk,
                    Rows,
                    $"do $$ begin for i in 1..{Bulk} loop update {table} set amount = amount + 1; commit; end loop; end $$"
                )
        );
        await CompareAsync(
            $"{Single:N0} transactions of one update",
            "transactions/s",
            tables,
            table =>
                MeasureAsync(
                    mesh,
                    writer,
                    reader,
                    Single,
                    1,
                    $"do $$ begin for i in 1..{Single} loop update {table} set amount = amount + 1 where id = i; commit; end loop; end $$"
                )
        );
        if (await BenchMesh.ScalarAsync<long>(reader, "select count(*) from trktr.overwrite_log") is > 0 and var noted)
            Write($"the detector noted {noted:N0} changes, and should have noted none");
    }

    private static async Task CompareAsync(string what, string unit, string[] tables, Func<string, Task<(double Rate, double Cpu)>> measure)
    {
        var rates = tables.ToDictionary(table => table, _ => new List<(double Rate, double Cpu)>());
        for (var round = 0; round <= Rounds; round++)
            foreach (var table in round % 2 == 0 ? tables : tables.Reverse())
                if (await measure(table) is var measured && round > 0)
                    rates[table].Add(measured);
        var (own, watched) = (Median(rates["plain"].Select(rate => rate.Rate)), Median(rates["watched"].Select(rate => rate.Rate)));
        var (ownCpu, watchedCpu) = (Median(rates["plain"].Select(rate => rate.Cpu)), Median(rates["watched"].Select(rate => rate.Cpu)));
        Write(
            $"""
            {what}: {own:N0} {unit} by the server alone, {watched:N0} with the detector: {watched / own:0.00};
              {ownCpu:0.0} and {watchedCpu:0.0} µs of the worker's processor time each
            """
        );
    }

    /// <summary>
    /// What gathered while the subscription was paused: from the first transaction that arrives after it is resumed to
    /// the last. Also the worker's processor time a row, in microseconds.
    /// </summary>
    private static async Task<(double Rate, double Cpu)> MeasureAsync(
        BenchMesh mesh,
        NpgsqlConnection writer,
        NpgsqlConnection reader,
        int transactions,
        int rows,
        string sql
    )
    {
        await mesh.Arbiters[1].As(Actor.OfCommandLine()).PauseAsync(0, CancellationToken.None);
        await BenchMesh.ExecuteAsync(writer, sql);
        var end = await BenchMesh.ScalarAsync<string>(writer, "select pg_current_wal_insert_lsn()::text");
        await BenchMesh.ExecuteAsync(reader, "vacuum plain; ");
        await BenchMesh.ExecuteAsync(reader, "vacuum watched");
        await BenchMesh.ExecuteAsync(reader, "checkpoint");
        const string Progress =
            "select coalesce(pg_replication_origin_progress(format('pg_%s', oid), false), '0/0')::text from pg_subscription";
        var before = await BenchMesh.ScalarAsync<string>(reader, Progress);
        await mesh.Arbiters[1].As(Actor.OfCommandLine()).ResumeAsync(0, CancellationToken.None);
        string first;
        while ((first = await BenchMesh.ScalarAsync<string>(reader, Progress)) == before)
            await Task.Delay(1);
        var clock = Stopwatch.StartNew();
        var worker = await BenchMesh.ScalarAsync<int>(
            reader,
            "select pid from pg_stat_subscription where pid is not null and relid is null"
        );
        var cpu = ProcessorTime.OfProcess(worker);
        var done = await BenchMesh.ScalarAsync<double>(
            reader,
            $"select ('{first}'::pg_lsn - '{before}'::pg_lsn)::float8 / greatest('{end}'::pg_lsn - '{before}'::pg_lsn, 1)::float8"
        );
        while (
            !await BenchMesh.ScalarAsync<bool>(
                reader,
                $"""
                select pg_replication_origin_progress(format('pg_%s', oid), false) >= greatest('{first}'::pg_lsn, '{end}'::pg_lsn - 512)
                from pg_subscription
                """
            )
        )
            await Task.Delay(5);
        var left = transactions * rows * (1 - Math.Clamp(done, 0, 0.99));
        return (left / clock.Elapsed.TotalSeconds, (ProcessorTime.OfProcess(worker) - cpu).TotalMicroseconds / left);
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    private static void Write(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
