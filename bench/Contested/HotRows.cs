using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Traktor.Bench.Contested;

/// <summary>
/// Three nodes that run pgbench's own script at scale 1: every transaction updates the same branch and one of ten
/// tellers.
/// </summary>
internal static class HotRows
{
    private static readonly string[] Tables = ["pgbench_branches", "pgbench_tellers", "pgbench_accounts", "pgbench_history"];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The transactions per second of all nodes, and the seconds from the last of them until the nodes are equal; NaN
    /// where nobody makes them equal.
    /// </summary>
    public static async Task<(double Rate, double Equal)> RunAsync(Func<int, Task<IReplicationSystem>> start, TimeSpan duration)
    {
        await using var system = await start(3);
        var sessions = new List<NpgsqlConnection>();
        try
        {
            foreach (var server in system.Servers)
            {
                await Pgbench.RunAsync(server, "-i", "-q", "-s", "1");
                sessions.Add(await BenchMesh.OpenAsync(server, IReplicationSystem.Database));
                await BenchMesh.ExecuteAsync(
                    sessions[^1],
                    "alter table pgbench_history add column id uuid primary key default gen_random_uuid()"
                );
            }

            await system.ReplicateAsync(Tables);
            var seconds = duration.TotalSeconds.ToString(CultureInfo.InvariantCulture);
            var rates = await Task.WhenAll(
                system.Servers.Select(server => Pgbench.RunAsync(server, "-n", "-c", "2", "-j", "1", "-T", seconds))
            );
            return (rates.Sum(), system.DecidesConflicts ? await EqualAsync(sessions) : double.NaN);
        }
        finally
        {
            foreach (var session in sessions)
                await session.DisposeAsync();
        }
    }

    private static async Task<double> EqualAsync(IReadOnlyList<NpgsqlConnection> sessions)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var seen = new HashSet<string>();
            foreach (var session in sessions)
                seen.Add(
                    await BenchMesh.ScalarAsync<string>(
                        session,
                        "select concat_ws(' ', (select count(*) from pgbench_history), (select bbalance from pgbench_branches), "
                            + "(select md5(string_agg(tid || ' ' || tbalance, ',' order by tid)) from pgbench_tellers), "
                            + "(select md5(string_agg(aid || ' ' || abalance, ',' order by aid)) from pgbench_accounts))"
                    )
                );
            if (seen.Count == 1)
                return clock.Elapsed.TotalSeconds;
            if (clock.Elapsed > Patience)
                throw new TimeoutException($"Not equal after {Patience.TotalMinutes} minutes.");
            await Task.Delay(50);
        }
    }
}
