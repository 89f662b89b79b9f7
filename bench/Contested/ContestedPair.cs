using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Traktor.Bench.Contested;

/// <summary>Two nodes that write the same rows.</summary>
internal sealed class ContestedPair : IAsyncDisposable
{
    public const int Conflicts = 5_000;
    public const int Keys = 10_000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly IReplicationSystem system;
    private readonly NpgsqlConnection[] sessions;
    private int markers;
    private int rows;

    private ContestedPair(IReplicationSystem system, NpgsqlConnection[] sessions)
    {
        this.system = system;
        this.sessions = sessions;
    }

    public static async Task<ContestedPair> StartAsync(Func<int, Task<IReplicationSystem>> start)
    {
        var system = await start(2);
        var sessions = new List<NpgsqlConnection>();
        foreach (var server in system.Servers)
        {
            sessions.Add(await BenchMesh.OpenAsync(server, IReplicationSystem.Database));
            await BenchMesh.ExecuteAsync(
                sessions[^1],
                "set synchronous_commit = off; create table item (id int primary key, payload text); "
                    + "create table marker (id int primary key)"
            );
        }

        await system.ReplicateAsync(["item", "marker"]);
        var pair = new ContestedPair(system, [.. sessions]);
        await pair.DrainAsync();
        return pair;
    }

    /// <summary>
    /// Both nodes write the same keys while they do not receive. Returns the seconds from resuming until both have
    /// everything, and until the rows are equal.
    /// </summary>
    public async Task<(double Drained, double Equal)> ConflictAsync(bool isInsert)
    {
        var first = rows;
        rows += Conflicts;
        if (!isInsert)
        {
            await BenchMesh.ExecuteAsync(
                sessions[0],
                $"insert into item select {first} + i, 'base' from generate_series(1, {Conflicts}) i"
            );
            await DrainAsync();
        }

        await system.PauseAsync();
        for (var node = 0; node < sessions.Length; node++)
        {
            var statement = isInsert
                ? $"insert into item values ({first} + i, 'node {node}')"
                : $"update item set payload = 'node {node}' where id = {first} + i";
            await BenchMesh.ExecuteAsync(sessions[node], $"do $$ begin for i in 1..{Conflicts} loop {statement}; commit; end loop; end $$");
        }

        var waiting = await MarkAsync();
        var clock = Stopwatch.StartNew();
        await system.ResumeAsync();
        await ArrivedAsync(waiting);
        var drained = clock.Elapsed.TotalSeconds;
        return (drained, await EqualAsync(clock, first, Conflicts));
    }

    /// <summary>
    /// Both nodes update rows at random. Returns the transactions per second of both while they do, and the seconds
    /// until both have everything, and until the rows are equal.
    /// </summary>
    public async Task<(double Rate, double Drained, double Equal)> UpdateAsync(TimeSpan duration)
    {
        var first = rows;
        rows += Keys;
        await BenchMesh.ExecuteAsync(sessions[0], $"insert into item select {first} + i, 'base' from generate_series(1, {Keys}) i");
        await DrainAsync();
        var script = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(
                script,
                $"\\set id random({first + 1}, {first + Keys})\n\\set r random(1, 1000000000)\n"
                    + "update item set payload = md5((:r + :client_id)::text) where id = :id;\n"
            );
            var seconds = duration.TotalSeconds.ToString(CultureInfo.InvariantCulture);
            var rates = await Task.WhenAll(
                system.Servers.Select(server => Pgbench.RunAsync(server, "-n", "-f", script, "-c", "2", "-j", "2", "-T", seconds))
            );
            var clock = Stopwatch.StartNew();
            await ArrivedAsync(await MarkAsync());
            var drained = clock.Elapsed.TotalSeconds;
            return (rates.Sum(), drained, await EqualAsync(clock, first, Keys));
        }
        finally
        {
            File.Delete(script);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var session in sessions)
            await session.DisposeAsync();
        await system.DisposeAsync();
    }

    private async Task DrainAsync() => await ArrivedAsync(await MarkAsync());

    /// <summary>Writes a marker on each node; all that was written before precedes it in the node's stream.</summary>
    private async Task<int[]> MarkAsync()
    {
        var made = new int[sessions.Length];
        for (var node = 0; node < sessions.Length; node++)
        {
            made[node] = ++markers;
            await BenchMesh.ExecuteAsync(
                sessions[node],
                $"set synchronous_commit = on; insert into marker values ({made[node]}); set synchronous_commit = off"
            );
        }

        return made;
    }

    private Task ArrivedAsync(int[] made) =>
        UntilAsync(async () =>
        {
            foreach (var session in sessions)
                if (
                    await BenchMesh.ScalarAsync<long>(session, $"select count(*) from marker where id in ({string.Join(", ", made)})")
                    < made.Length
                )
                    return false;
            return true;
        });

    /// <summary>Waits until the rows are equal. NaN where nobody makes them equal.</summary>
    private async Task<double> EqualAsync(Stopwatch clock, int first, int count)
    {
        if (!system.DecidesConflicts)
            return double.NaN;
        await UntilAsync(async () =>
        {
            var seen = new HashSet<string>();
            foreach (var session in sessions)
                seen.Add(
                    await BenchMesh.ScalarAsync<string>(
                        session,
                        $"select md5(string_agg(id || payload, ',' order by id)) from item where id > {first} and id <= {first + count}"
                    )
                );
            return seen.Count == 1;
        });
        return clock.Elapsed.TotalSeconds;
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed > Patience)
                throw new TimeoutException($"Not after {Patience.TotalMinutes} minutes.");
            await Task.Delay(10);
        }
    }
}
