using Traktor.Engine.Postgres;

namespace Traktor.Engine.Healing;

/// <summary>
/// What the healing remembers of one subscription between two looks. Used by the watch's loop alone, but for the kick,
/// and for those who hold it: operators who must not be crossed.
/// </summary>
internal sealed class HealState
{
    private int pauses;

    /// <summary>The heal that runs; completed when none does.</summary>
    public Task Heal { get; set; } = Task.CompletedTask;

    /// <summary>Ends the heal that runs.</summary>
    public CancellationTokenSource? Stop { get; set; }

    /// <summary>The count of failures when last looked at; null when it was not, or the count may have started anew.</summary>
    public long? KnownErrors { get; set; }

    /// <summary>How the last heal ended; null when there was none.</summary>
    public HealOutcome? Last { get; set; }

    /// <summary>The prospects when it began to wait.</summary>
    public string? Prospects { get; set; }

    /// <summary>Not before then, after a heal that failed.</summary>
    public DateTimeOffset NotBefore { get; set; }

    /// <summary>When a waiting subscription is tried whatever its prospects.</summary>
    public DateTimeOffset NextTry { get; set; }

    /// <summary>When its prospects are looked at again.</summary>
    public DateTimeOffset NextLook { get; set; }

    /// <summary>Heals that failed one after the other for this node's own server's sake.</summary>
    public int Failures { get; set; }

    /// <summary>Whether somebody asked for a look now.</summary>
    public bool IsLookRequested { get; set; }

    /// <summary>The table that has to be mended; null when none has.</summary>
    public TableName? Table => Last?.Fault?.Table;

    private SemaphoreSlim Gate { get; } = new(1);

    /// <summary>Breaks off the heal that runs and keeps the next one from beginning until the result is disposed.</summary>
    public async Task<IDisposable> PauseAsync(CancellationToken cancel)
    {
        // Counted first: a heal that begins at this moment either sees it, or can be broken off already.
        Interlocked.Increment(ref pauses);
        try
        {
            BreakOff();
            await Gate.WaitAsync(cancel);
            return new Pause(this);
        }
        catch
        {
            Interlocked.Decrement(ref pauses);
            throw;
        }
    }

    /// <summary>Begins a heal, which ends with <see cref="Leave"/>; false when somebody holds it or waits to.</summary>
    public bool TryEnter()
    {
        if (!Gate.Wait(0))
            return false;
        if (Volatile.Read(ref pauses) == 0)
            return true;
        Gate.Release();
        return false;
    }

    /// <summary>Ends what <see cref="TryEnter"/> began.</summary>
    public void Leave() => Gate.Release();

    private void BreakOff()
    {
        try
        {
            // Not waited for: to cancel is to ask the servers, the peer's over a link that may have gone silent.
            _ = Stop?.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It has just ended by itself.
        }
    }

    private sealed class Pause(HealState state) : IDisposable
    {
        public void Dispose()
        {
            Interlocked.Decrement(ref state.pauses);
            state.Gate.Release();
        }
    }
}
