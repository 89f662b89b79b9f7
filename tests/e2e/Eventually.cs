using System.Diagnostics;

namespace Traktor.E2ETests;

/// <summary>Waits for a condition up to a deadline, and says what was awaited when it does not come.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(20);

    public static async Task TrueAsync(string what, Func<Task<bool>> condition, Func<string>? onTimeOut = null)
    {
        var clock = Stopwatch.StartNew();
        var asked = TimeSpan.Zero;
        while (!await condition())
        {
            if (clock.Elapsed > Deadline)
                Assert.Fail($"Not within {Deadline.TotalSeconds:0} s: {what}. {onTimeOut?.Invoke()}");
            asked = await RestAsync(clock, asked);
        }
    }

    /// <summary>
    /// Waits before the next question, twice as long as the last one took, so that asking does not keep from happening
    /// what is asked for.
    /// </summary>
    /// <param name="clock">Runs since the first question.</param>
    /// <param name="asked">When the last question was asked, by this clock.</param>
    /// <returns>When the next one is asked.</returns>
    public static async Task<TimeSpan> RestAsync(Stopwatch clock, TimeSpan asked)
    {
        var rest = 2 * (clock.Elapsed - asked);
        await Task.Delay(rest > Shortest ? rest : Shortest);
        return clock.Elapsed;
    }

    public static Task TrueAsync(string what, Func<bool> condition, Func<string>? onTimeOut = null) =>
        TrueAsync(what, () => Task.FromResult(condition()), onTimeOut);

    /// <summary>Fails when a condition that must hold does not, all through <paramref name="period"/>.</summary>
    public static async Task StaysTrueAsync(string what, TimeSpan period, Func<Task<bool>> condition)
    {
        var clock = Stopwatch.StartNew();
        do
        {
            if (!await condition())
                Assert.Fail($"Not any more after {clock.Elapsed.TotalSeconds:0.0} s: {what}.");
            await Task.Delay(50);
        } while (clock.Elapsed < period);
    }
}
