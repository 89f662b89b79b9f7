using Traktor.Engine.Postgres;

namespace Traktor.Engine.Healing;

/// <summary>What the healing remembers of one subscription between two looks. Used by the watch's loop alone, but for the gate and the kick.</summary>
internal sealed class Patient
{
    /// <summary>Held while it is healed, and by operators who must not be crossed.</summary>
    public SemaphoreSlim Gate { get; } = new(1);

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
    public bool IsKicked { get; set; }

    /// <summary>The table that has to be mended; null when none has.</summary>
    public TableName? Table => Last?.Fault?.Table;
}
