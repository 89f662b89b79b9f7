using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Traktor.Engine.Access;

namespace Traktor.Bench.Heal;

/// <summary>
/// How fast conflicts are healed, beside the server's own apply of the same transactions without a conflict, in one
/// run.
/// </summary>
internal static class HealBenchmark
{
    private const string Columns = "id int primary key, name text not null, amount numeric, at timestamptz default clock_timestamp()";

    private const int Transactions = 40_000;
    private const int Rounds = 20;

    public static async Task RunAsync()
    {
        var major = int.Parse(Environment.GetEnvironmentVariable("TRAKTOR_BENCH_POSTGRES") ?? "18", CultureInfo.InvariantCulture);
        var parts = (Environment.GetEnvironmentVariable("TRAKTOR_BENCH_PARTS") ?? "small,large,latency").Split(',');
        await using var mesh = await BenchMesh.StartAsync(major);
        string[] tables = ["warm_up", "clean_small", "hot_small", "clean_large", "hot_large", "hot_single"];
        foreach (var table in tables)
            await mesh.ReplicateAsync(table, Columns);
        await mesh.OneWayAsync();
        await using var writer = await mesh.OpenAsync(0);
        await using var healer = await mesh.OpenAsync(1);
        if (Environment.GetEnvironmentVariable("TRAKTOR_BENCH_OWNER") is { Length: > 0 } owner)
        {
            await BenchMesh.ExecuteAsync(healer, $"create role {owner}");
            foreach (var table in tables)
                await BenchMesh.ExecuteAsync(healer, $"alter table {table} owner to {owner}");
        }

        Write($"PostgreSQL {major}, {Environment.ProcessorCount} cores, fsync off");

        // An arbiter runs for weeks: its code is compiled by the time that a storm comes.
        await SmallAsync(mesh, writer, healer, "warm_up", 10_000, isHot: true);
        if (parts.Contains("small"))
        {
            var own = await SmallAsync(mesh, writer, healer, "clean_small", Transactions, isHot: false);
            Write($"single-row transactions, no conflict, server's own worker : {own, 10:N0} transactions/s");
            var healed = await SmallAsync(mesh, writer, healer, "hot_small", Transactions, isHot: true);
            Write($"single-row transactions, every one a conflict, healed     : {healed, 10:N0} transactions/s");
        }

        if (parts.Contains("large"))
        {
            var own = await LargeAsync(mesh, writer, healer, "clean_large", isHot: false);
            Write($"transactions of 20,000 rows, no conflict, own worker      : {own, 10:N0} rows/s");
            var healed = await LargeAsync(mesh, writer, healer, "hot_large", isHot: true);
            Write($"transactions of 20,000 rows, every row a conflict, healed : {healed, 10:N0} rows/s");
        }

        if (parts.Contains("latency"))
        {
            // What the parts before left to be converged would take a core for a minute.
            while (await BenchMesh.ScalarAsync<bool>(healer, "select exists (select from trktr.overwrite_log)"))
                await Task.Delay(100);
            await LatencyAsync(writer, healer, Rounds);
        }

        Write($"peak working set of this process: {Process.GetCurrentProcess().PeakWorkingSet64 / 1048576.0:N0} MB");
    }

    private static async Task<double> SmallAsync(
        BenchMesh mesh,
        NpgsqlConnection writer,
        NpgsqlConnection healer,
        string table,
        int count,
        bool isHot
    )
    {
        await mesh.Healing.As(Actor.OfCommandLine()).PauseAsync(0, CancellationToken.None);
        if (isHot)
            await BenchMesh.ExecuteAsync(healer, $"insert into {table} select i, 'early', 1 from generate_series(1, {count}) i");
        await BenchMesh.ExecuteAsync(
            writer,
            $"do $$ begin for i in 1..{count} loop insert into {table} values (i, 'late', 2); commit; end loop; end $$"
        );
        return await DrainAsync(mesh, healer, table, count);
    }

    private static async Task<double> LargeAsync(BenchMesh mesh, NpgsqlConnection writer, NpgsqlConnection healer, string table, bool isHot)
    {
        const int Rows = 20_000;
        const int Large = 10;
        await mesh.Healing.As(Actor.OfCommandLine()).PauseAsync(0, CancellationToken.None);
        if (isHot)
            await BenchMesh.ExecuteAsync(healer, $"insert into {table} select i, 'early', 1 from generate_series(1, {Rows * Large}) i");
        for (var i = 0; i < Large; i++)
            await BenchMesh.ExecuteAsync(
                writer,
                $"insert into {table} select i, 'late', 2 from generate_series({(i * Rows) + 1}, {(i + 1) * Rows}) i"
            );
        return await DrainAsync(mesh, healer, table, Rows * Large);
    }

    /// <summary>Resumes, and measures from the first to the last row that came.</summary>
    private static async Task<double> DrainAsync(BenchMesh mesh, NpgsqlConnection healer, string table, int count)
    {
        await BenchMesh.ExecuteAsync(healer, "checkpoint");
        using var self = Process.GetCurrentProcess();
        var cpu = self.TotalProcessorTime;
        await mesh.Healing.As(Actor.OfCommandLine()).ResumeAsync(0, CancellationToken.None);
        // Asked by key: counting over and over would take a third of the machine.
        async Task<bool> IsThereAsync(int id) =>
            await BenchMesh.ScalarAsync<bool>(healer, $"select exists (select from {table} where id = {id} and name = 'late')");
        while (!await IsThereAsync(1))
            await Task.Delay(1);
        var clock = Stopwatch.StartNew();
        var before = await BenchMesh.ScalarAsync<long>(healer, $"select count(*) from {table} where name = 'late'");
        while (!await IsThereAsync(count))
            await Task.Delay(5);
        var rate = (count - before) / clock.Elapsed.TotalSeconds;
        self.Refresh();
        if (
            await BenchMesh.ScalarAsync<long>(
                healer,
                """
                select coalesce(
                    (select pid from pg_stat_activity where application_name like '%\_heal'),
                    (select pid from pg_stat_subscription where relid is null and leader_pid is null),
                    0
                )::bigint
                """
            )
                is > 0
                    and var pid
            && ServerTime(pid) is { } server
        )
        {
            var (applying, own) = (server.TotalMicroseconds / count, (self.TotalProcessorTime - cpu).TotalMicroseconds / count);
            Write($"    CPU: {applying, 6:N1} µs in the session that applies, {own, 6:N1} µs in this process, for each");
        }

        return rate;
    }

    /// <summary>
    /// What a server process has used of the processors, where the system tells: it says more than the clock when
    /// others use the machine too.
    /// </summary>
    private static TimeSpan? ServerTime(long pid)
    {
        try
        {
            using var process = Process.GetProcessById((int)pid);
            return process.TotalProcessorTime;
        }
        catch (Exception e)
            when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>
    /// From the commit on the peer: until the conflict is decided here, until the next transaction is there, and until
    /// the server's own worker runs again.
    /// </summary>
    private static async Task LatencyAsync(NpgsqlConnection writer, NpgsqlConnection healer, int rounds)
    {
        var (healed, next, running) = (new List<double>(), new List<double>(), new List<double>());
        for (var i = 1; i <= rounds; i++)
        {
            while (
                !await BenchMesh.ScalarAsync<bool>(
                    healer,
                    """
                    select bool_and(subenabled)
                        and exists (select from pg_stat_subscription where pid is not null and relid is null)
                    from pg_subscription
                    """
                )
            )
                await Task.Delay(20);
            await Task.Delay(Random.Shared.Next(300, 1300));
            await BenchMesh.ExecuteAsync(healer, $"insert into hot_single values ({i}, 'early', 1)");
            var clock = Stopwatch.StartNew();
            await BenchMesh.ExecuteAsync(writer, $"insert into hot_single values ({i}, 'late', 2)");
            await BenchMesh.ExecuteAsync(writer, $"insert into hot_single values (-{i}, 'late', 2)");
            while (await BenchMesh.ScalarAsync<string>(healer, $"select name from hot_single where id = {i}") != "late")
                await Task.Delay(1);
            healed.Add(clock.Elapsed.TotalMilliseconds);
            while (await BenchMesh.ScalarAsync<long>(healer, $"select count(*) from hot_single where id = -{i}") == 0)
                await Task.Delay(1);
            next.Add(clock.Elapsed.TotalMilliseconds);
            while (!await BenchMesh.ScalarAsync<bool>(healer, "select bool_and(subenabled) from pg_subscription"))
                await Task.Delay(10);
            running.Add(clock.Elapsed.TotalMilliseconds);
        }

        Write($"one conflict, from the peer's commit until it is decided   : {Percentiles(healed)}");
        Write($"… until the peer's next transaction is applied             : {Percentiles(next)}");
        Write($"… until the subscription is the server's own worker's again: {Percentiles(running)}");
    }

    private static string Percentiles(List<double> values) =>
        string.Create(CultureInfo.InvariantCulture, $"p50 {At(values, 0.5), 6:N0} ms, p95 {At(values, 0.95), 6:N0} ms");

    private static double At(List<double> values, double part)
    {
        values.Sort();
        return values[(int)Math.Ceiling(part * values.Count) - 1];
    }

    private static void Write(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
