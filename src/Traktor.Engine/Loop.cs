namespace Traktor.Engine;

/// <summary>What is done over and over as long as the arbiter runs.</summary>
public static class Loop
{
    /// <summary>
    /// Does it at once and then every <paramref name="interval"/>, never twice at a time, until cancelled; what
    /// <paramref name="round"/> throws otherwise ends the loop.
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
            // The arbiter is being stopped.
        }
    }
}
