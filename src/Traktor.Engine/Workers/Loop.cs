namespace Traktor.Engine.Workers;

/// <summary>Runs something repeatedly while the arbiter runs.</summary>
internal static class Loop
{
    /// <summary>
    /// Runs it at once and then every <paramref name="interval"/>, never concurrently, until cancelled. Other
    /// exceptions of <paramref name="round"/> end the loop.
    /// </summary>
    public static async Task EveryAsync(TimeSpan interval, TimeProvider time, Func<CancellationToken, Task> round, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            do
            {
                await round(cancel);
            } while (await timer.WaitForNextTickAsync(cancel));
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The arbiter is stopping.
        }
    }

    /// <summary>
    /// Runs it at once and then after pauses of <paramref name="interval"/>, which double up to
    /// <paramref name="longest"/> while it returns false, until cancelled. Exceptions end the loop.
    /// </summary>
    public static async Task WithBackOffAsync(
        TimeSpan interval,
        TimeSpan longest,
        TimeProvider time,
        Func<CancellationToken, Task<bool>> round,
        CancellationToken cancel
    )
    {
        var pause = interval;
        while (!cancel.IsCancellationRequested)
        {
            var isDone = await round(cancel);
            pause =
                isDone ? interval
                : pause * 2 < longest ? pause * 2
                : longest;
            await RestAsync(pause, time, cancel);
        }
    }

    /// <summary>Waits; returns without an exception when cancelled.</summary>
    public static Task RestAsync(TimeSpan pause, TimeProvider time, CancellationToken cancel) =>
        Task.Delay(pause, time, cancel)
            .ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
