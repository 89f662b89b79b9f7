using Traktor.Engine.Conflicts.Records;

namespace Traktor.Engine.Conflicts.Feed;

/// <summary>Where the feed looks for changes.</summary>
internal interface IHistoryChanges
{
    /// <summary>One cheap look.</summary>
    Task<HistoryLook> LookAsync(HistoryQuestion question, CancellationToken cancel);
}

/// <summary>What to look for.</summary>
/// <param name="AfterId">Conflicts with a greater id.</param>
/// <param name="LateIds">And those with these ids.</param>
/// <param name="AfterRevision">Conflicts that changed, with a greater revision.</param>
/// <param name="LateRevisions">And those with these revisions.</param>
/// <param name="Limit">At most so many of each kind, the least first.</param>
internal sealed record HistoryQuestion(
    long AfterId,
    IReadOnlyCollection<long> LateIds,
    long AfterRevision,
    IReadOnlyCollection<long> LateRevisions,
    int Limit
);

/// <summary>What was found.</summary>
/// <param name="New">Conflicts with the ids asked for.</param>
/// <param name="Changed">Conflicts with the revisions asked for; some may be among the new ones.</param>
/// <param name="LastId">The last id that was given out.</param>
/// <param name="LastRevision">The last revision that was given out.</param>
/// <param name="OldestRunning">The oldest running transaction id.</param>
/// <param name="NextTransaction">The first transaction id not given out.</param>
internal sealed record HistoryLook(
    IReadOnlyList<HistoryEntry> New,
    IReadOnlyList<HistoryEntry> Changed,
    long LastId,
    long LastRevision,
    long OldestRunning,
    long NextTransaction
);
