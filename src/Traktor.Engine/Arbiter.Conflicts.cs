using System.Text.Json;
using Traktor.Engine.Conflicts.Feed;
using Traktor.Engine.Conflicts.Policies;
using Traktor.Engine.Conflicts.Records;
using Traktor.Engine.Conflicts.Rows;

namespace Traktor.Engine;

public sealed partial class Arbiter
{
    /// <summary>Changes of conflicts, as they happen.</summary>
    public ConflictFeed Feed { get; }

    /// <summary>A page of resolved conflicts, newest first.</summary>
    public Task<HistoryPage> HistoryAsync(HistoryFilter filter, CancellationToken cancel) => history.ResolvedAsync(filter, cancel);

    /// <summary>A page of conflicts, newest first.</summary>
    public Task<ConflictPage> ConflictsAsync(HistoryFilter filter, CancellationToken cancel) => history.ConflictsAsync(filter, cancel);

    /// <summary>Conflicts per minute in the last <paramref name="minutes"/>.</summary>
    public Task<ConflictRate> RateAsync(int minutes, CancellationToken cancel) => history.RateAsync(minutes, cancel);

    /// <summary>One conflict with its whole transaction.</summary>
    public Task<ConflictCase> ConflictAsync(long id, CancellationToken cancel) => history.FindAsync(id, cancel);

    /// <summary>Both versions of a conflict in one form, and the current row.</summary>
    public async Task<ConflictRows> ConflictRowsAsync(long id, CancellationToken cancel) =>
        await rows.OfAsync((await history.FindAsync(id, cancel)).Conflict, cancel);

    /// <summary>A row of a replicated table by its key.</summary>
    public Task<RowFound> RowAsync(string table, JsonElement key, CancellationToken cancel) => rows.FindAsync(table, key, cancel);

    /// <summary>Lets the server check columns that are to be written; writes nothing.</summary>
    public Task<RowCheck> CheckRowAsync(string table, JsonElement row, CancellationToken cancel) => rows.CheckAsync(table, row, cancel);

    /// <summary>How this node decides conflicts.</summary>
    public Task<PolicyReport> PoliciesAsync(CancellationToken cancel) => policies.ReadAsync(cancel);
}
