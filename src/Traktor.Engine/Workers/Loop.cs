namespace Traktor.Engine;

/// <summary>Runs something repeatedly while the arbiter runs.</summary>
public static class Loop
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
}
