using System.Diagnostics;
using System.Net;

namespace Traktor.Bench.Status;

/// <summary>What a run of requests took.</summary>
/// <param name="P50">Half of the answers took at most this many milliseconds.</param>
/// <param name="P99">99 of 100 took at most this many.</param>
/// <param name="PerSecond">Answers a second, all connections together.</param>
internal sealed record Load(double P50, double P99, double PerSecond)
{
    /// <summary>
    /// Asks for the status on a number of connections at once, each asking again as soon as it has its answer.
    /// </summary>
    /// <param name="address">The arbiter.</param>
    /// <param name="connections">How many; a thread each.</param>
    /// <param name="isNewEachTime">Whether every request has a connection of its own.</param>
    /// <param name="duration">For how long.</param>
    public static Load Run(IPEndPoint address, int connections, bool isNewEachTime, TimeSpan duration)
    {
        var results = new List<long>[connections];
        var clock = Stopwatch.StartNew();
        var threads = Enumerable
            .Range(0, connections)
            .Select(i => new Thread(() => results[i] = One(address, isNewEachTime, clock, duration)))
            .ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        var elapsed = clock.Elapsed;

        var all = results.SelectMany(ticks => ticks).Order().ToList();
        double At(double share) => all[(int)(share * (all.Count - 1))] * 1000.0 / Stopwatch.Frequency;
        return new Load(At(0.5), At(0.99), all.Count / elapsed.TotalSeconds);
    }

    private static List<long> One(IPEndPoint address, bool isNewEachTime, Stopwatch clock, TimeSpan duration)
    {
        var ticks = new List<long>(1 << 17);
        var kept = isNewEachTime ? null : new RawHttp(address);
        while (clock.Elapsed < duration)
        {
            var asked = Stopwatch.GetTimestamp();
            var status = kept?.Ask(RawHttp.Status) ?? AskOnce(address);
            ticks.Add(Stopwatch.GetTimestamp() - asked);
            if (status != 200)
                throw new InvalidOperationException($"Status code {status}.");
        }

        kept?.Dispose();
        return ticks;
    }

    private static int AskOnce(IPEndPoint address)
    {
        using var once = new RawHttp(address);
        return once.Ask(RawHttp.StatusOnce);
    }
}
