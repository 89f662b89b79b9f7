using Traktor.Engine.Conflicts.Records;

namespace Traktor.Engine.Conflicts.Feed;

/// <summary>Where the feed reads changes.</summary>
internal interface IHistoryChanges
{
    /// <summary>One inexpensive query.</summary>
    Task<HistoryLook> LookAsync(HistoryQuestion question, CancellationToken cancel);
}

/// <summary>What to query.</summary>
/// <param name="AfterId">Conflicts with a greater id.</param>
/// <param name="LateIds">And conflicts with these ids.</param>
/// <param name="AfterRevision">Conflicts that changed, with a greater revision.</param>
/// <param name="LateRevisions">And conflicts with these revisions.</param>
/// <param name="Limit">The most conflicts of each kind, lowest numbers first.</param>
internal sealed record HistoryQuestion(
    long AfterId,
    IReadOnlyCollection<long> LateIds,
    long AfterRevision,
    IReadOnlyCollection<long> LateRevisions,
    int Limit
);

/// <summary>The result of a query.</summary>
/// <param name="New">Conflicts with the requested ids.</param>
/// <param name="Changed">Conflicts with the requested revisions; some may be among the new ones.</param>
/// <param name="LastId">The last id that the sequence returned.</param>
/// <param name="LastRevision">The last revision that the sequence returned.</param>
/// <param name="OldestRunning">The oldest running transaction id.</param>
/// <param name="NextTransaction">The first transaction id not yet assigned.</param>
internal sealed record HistoryLook(
    IReadOnlyList<HistoryEntry> New,
    IReadOnlyList<HistoryEntry> Changed,
    long LastId,
    long LastRevision,
    long OldestRunning,
    long NextTransaction
);
