using Traktor.Engine.Postgres;

namespace Traktor.Engine.Healing;

/// <summary>
/// What <see cref="HealingWorkers"/> remembers of one subscription between two looks. Only its loop uses it, except for
/// <see cref="IsLookRequested"/> and <see cref="PauseAsync"/>, which the operators' requests use.
/// </summary>
internal sealed class HealState
{
    private int pauses;

    /// <summary>The heal that is running; a completed task when there is none.</summary>
    public Task Heal { get; set; } = Task.CompletedTask;

    /// <summary>Cancels the heal that is running.</summary>
    public CancellationTokenSource? Stop { get; set; }

    /// <summary>
    /// The failure count at the last look; null before the first look, or when the count may have been reset.
    /// </summary>
    public long? KnownErrors { get; set; }

    /// <summary>How the last heal ended; null when there was none.</summary>
    public HealOutcome? Last { get; set; }

    /// <summary>The value of <see cref="ApplyWatch.ProspectsAsync"/> when it began to wait.</summary>
    public string? Prospects { get; set; }

    /// <summary>The value of <see cref="ApplyWatch.CatalogStateAsync"/> when it was last tried.</summary>
    public string? CatalogState { get; set; }

    /// <summary>
    /// How often it was tried because of some DDL, and its error was the same: each time the next waits longer, because
    /// an application may create temporary types and functions all the time.
    /// </summary>
    public int CatalogTries { get; set; }

    /// <summary>When some DDL is a reason to try again.</summary>
    public DateTimeOffset NextCatalogTry { get; set; }

    /// <summary>After a failed heal, when the next may begin.</summary>
    public DateTimeOffset NotBefore { get; set; }

    /// <summary>When a waiting subscription is tried again even if its prospects have not changed.</summary>
    public DateTimeOffset NextTry { get; set; }

    /// <summary>When its prospects are read next.</summary>
    public DateTimeOffset NextLook { get; set; }

    /// <summary>Consecutive heals that failed because of this node's own server.</summary>
    public int Failures { get; set; }

    /// <summary>What the last of them failed with, in words; null when it did not fail.</summary>
    public string? Failure { get; set; }

    /// <summary>How many of them in a row failed with that.</summary>
    public int Alike { get; set; }

    /// <summary>Whether an operator's request wants the subscription looked at now.</summary>
    public bool IsLookRequested { get; set; }

    /// <summary>The table that must be fixed; null when there is none.</summary>
    public TableName? Table => Last?.Fault?.Table;

    private SemaphoreSlim Gate { get; } = new(1);

    /// <summary>
    /// Cancels the heal that is running and keeps the next one from beginning until the result is disposed.
    /// </summary>
    public async Task<IDisposable> PauseAsync(CancellationToken cancel)
    {
        // Counted first: a heal that begins at this moment either sees the count or can already be cancelled.
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

    /// <summary>
    /// Begins a heal, which ends with <see cref="Leave"/>. False when healing is paused or about to be.
    /// </summary>
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
            // Not awaited: cancelling contacts the servers, and the link to the peer may be dead.
            _ = Stop?.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // The heal has just ended by itself.
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
