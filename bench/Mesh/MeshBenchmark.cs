using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Traktor.Engine.Subscriptions;

namespace Traktor.Bench.Mesh;

/// <summary>How far behind the nodes of a busy mesh are, and what a large one costs that has nothing to do.</summary>
internal static class MeshBenchmark
{
    private const int TransactionsASecond = 1000;
    private static readonly TimeSpan Busy = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(60);

    public static async Task RunAsync()
    {
        var major = int.Parse(Environment.GetEnvironmentVariable("TRAKTOR_BENCH_POSTGRES") ?? "18", CultureInfo.InvariantCulture);
        Write($"PostgreSQL {major}, {Environment.ProcessorCount} cores, fsync off");
        await LagAsync(major, 3);
        await IdleAsync(major, 8);
    }

    /// <summary>
    /// Each row carries the clock of its writer; a trigger on the receiver, the clock when it was applied: one machine,
    /// one clock.
    /// </summary>
    private static async Task LagAsync(int major, int nodes)
    {
        await using var mesh = await BenchMesh.StartAsync(major, nodes);
        await mesh.ReplicateAsync(
            "load",
            """
            id bigint generated always as identity,
            node int,
            sent timestamptz default clock_timestamp(),
            seen timestamptz,
            primary key (id, node)
            """
        );
        for (var node = 0; node < nodes; node++)
        {
            await using var connection = await mesh.OpenAsync(node);
            await BenchMesh.ExecuteAsync(
                connection,
                """
                create function see() returns trigger language plpgsql as $$ begin new.seen := clock_timestamp(); return new; end $$;
                create trigger see before insert on load for each row execute function see();
                alter table load enable replica trigger see
                """
            );
        }

        await Task.WhenAll(Enumerable.Range(0, nodes).Select(node => Task.Run(() => WriteAsync(mesh, node, TransactionsASecond / nodes))));
        await Task.Delay(TimeSpan.FromSeconds(2));
        await using var reader = await mesh.OpenAsync(0);
        var lags = new List<double>();
        for (var node = 0; node < nodes; node++)
        {
            await using var connection = await mesh.OpenAsync(node);
            await using var command = new NpgsqlCommand(
                "select (extract(epoch from seen - sent) * 1000)::float8 from load where seen is not null",
                connection
            );
            await using var rows = await command.ExecuteReaderAsync();
            while (await rows.ReadAsync())
                lags.Add(rows.GetDouble(0));
        }

        lags.Sort();
        Write(
            $"""
            {nodes} nodes, {TransactionsASecond} transactions/s spread over them, {Busy.TotalSeconds:0} s:
              {lags.Count:N0} rows applied, lag p50 {At(lags, 0.5):0.0} ms, p95 {At(lags, 0.95):0.0} ms, largest {lags[^1]:0} ms
            """
        );
    }

    private static async Task WriteAsync(BenchMesh mesh, int node, int perSecond)
    {
        await using var connection = await mesh.OpenAsync(node);
        await using var command = new NpgsqlCommand($"insert into load (node) values ({node})", connection);
        await command.PrepareAsync();
        var clock = Stopwatch.StartNew();
        for (var sent = 0; clock.Elapsed < Busy; sent++)
        {
            var due = TimeSpan.FromSeconds((double)sent / perSecond) - clock.Elapsed;
            if (due > TimeSpan.FromMilliseconds(1))
                await Task.Delay(due);
            await command.ExecuteNonQueryAsync();
        }
    }

    private static async Task IdleAsync(int major, int nodes)
    {
        await using var mesh = await BenchMesh.StartAsync(major, nodes);
        var postmasters = new List<int>();
        for (var node = 0; node < nodes; node++)
        {
            await using var connection = await mesh.OpenAsync(node);
            var folder = await BenchMesh.ScalarAsync<string>(connection, "select current_setting('data_directory')");
            postmasters.Add(
                int.Parse((await File.ReadAllLinesAsync(Path.Combine(folder, "postmaster.pid")))[0], CultureInfo.InvariantCulture)
            );
        }

        await AllStreamAsync(mesh);
        await Task.Delay(TimeSpan.FromSeconds(10));
        TimeSpan Servers() => postmasters.Aggregate(TimeSpan.Zero, (sum, pid) => sum + ProcessorTime.OfServer(pid));
        var (servers, arbiters, clock, restless) = (Servers(), Environment.CpuUsage.TotalTime, Stopwatch.StartNew(), 0);
        while (clock.Elapsed < Idle)
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
            restless += mesh.Arbiters.Sum(arbiter =>
                arbiter.Subscriptions.Count(subscription => subscription.State != SubscriptionState.Streaming)
            );
        }

        var seconds = clock.Elapsed.TotalSeconds;
        var ofArbiters = (Environment.CpuUsage.TotalTime - arbiters).TotalSeconds / seconds;
        var ofServers = (Servers() - servers).TotalSeconds / seconds;
        Write(
            $"""
            {nodes} nodes, {nodes * (nodes - 1)} subscriptions, nothing to do, {seconds:0} s:
              all arbiters {ofArbiters:0.0%} of one core, all servers {ofServers:0.0%}; subscriptions seen not streaming: {restless}
            """
        );
    }

    private static async Task AllStreamAsync(BenchMesh mesh)
    {
        while (mesh.Arbiters.Any(arbiter => arbiter.Subscriptions.Any(subscription => subscription.State != SubscriptionState.Streaming)))
            await Task.Delay(200);
    }

    private static double At(List<double> sorted, double part) => sorted[(int)Math.Ceiling(part * sorted.Count) - 1];

    private static void Write(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
