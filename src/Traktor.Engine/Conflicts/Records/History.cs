using Dapper;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Conflicts.Records;

/// <summary>Reads <c>trktr.history</c>.</summary>
public sealed class History(LocalNode local)
{
    // Together an hour at 150 conflicts a second: this query must not become a scan of the whole history.
    private const int StretchLength = 20_000;
    private const int MostStretches = 25;

    /// <summary>A page of resolved conflicts; the filter's state is ignored.</summary>
    /// <exception cref="RefusedException">Malformed filter; Conflict when the node is not initialised;
    /// Unavailable.</exception>
    public async Task<HistoryPage> ResolvedAsync(HistoryFilter filter, CancellationToken cancel)
    {
        var (entries, next) = await ReadAsync(filter with { State = ConflictState.Resolved }, cancel);
        return new HistoryPage(local.NodeId, entries, next);
    }

    /// <summary>A page of conflicts, newest first.</summary>
    /// <exception cref="RefusedException">Malformed filter; Conflict when the node is not initialised;
    /// Unavailable.</exception>
    public async Task<ConflictPage> ConflictsAsync(HistoryFilter filter, CancellationToken cancel)
    {
        var (entries, next) = await ReadAsync(filter, cancel);
        return new ConflictPage(local.NodeId, entries, next);
    }

    /// <summary>One conflict with its transaction.</summary>
    /// <exception cref="RefusedException">NotFound; Conflict when the node is not initialised; Unavailable.</exception>
    public async Task<ConflictCase> FindAsync(long id, CancellationToken cancel)
    {
        var row = await local.AskAsync(
            connection =>
                connection.QuerySingleOrDefaultAsync<CaseRow>(
                    new CommandDefinition(SqlFile.Read("Conflicts/Records/read_conflict.sql"), new { id }, cancellationToken: cancel)
                ),
            cancel
        );
        return row is null
            ? throw NotThere(id, local.NodeId)
            : new ConflictCase(
                local.NodeId,
                HistoryJson.Read<HistoryEntry>(row.Conflict),
                row.Transaction is { } transaction ? HistoryJson.Read<RemoteTransaction>(transaction) : null,
                HistoryJson.Read<long[]>(row.Undecided)
            );
    }

    /// <summary>Conflicts per minute in the last <paramref name="minutes"/>.</summary>
    /// <exception cref="RefusedException">Malformed period; Conflict when the node is not initialised;
    /// Unavailable.</exception>
    public async Task<ConflictRate> RateAsync(int minutes, CancellationToken cancel)
    {
        if (minutes is < 1 or > ConflictRate.LongestPeriod)
            throw RefusedException.Malformed($"minutes must be an integer from 1 to {ConflictRate.LongestPeriod}, not {minutes}.");
        List<MinuteCount> counts = [];
        (long? before, var last) = ((long?)null, 0L);
        for (var read = 0; read < MostStretches; read++)
        {
            var stretch = await local.AskAsync(
                connection =>
                    connection.QuerySingleAsync<Stretch>(
                        new CommandDefinition(
                            SqlFile.Read("Conflicts/Records/read_rate.sql"),
                            new
                            {
                                minutes,
                                before,
                                limit = StretchLength,
                            },
                            cancellationToken: cancel
                        )
                    ),
                cancel
            );
            counts.AddRange(HistoryJson.Read<MinuteCount[]>(stretch.Minutes));
            last = Math.Max(last, stretch.LastId);
            if (stretch.Entries < StretchLength || stretch.IsFarEnough)
                return new ConflictRate(local.NodeId, last, true, counts);
            before = stretch.FirstId;
        }

        return new ConflictRate(local.NodeId, last, false, counts);
    }

    internal static RefusedException NotThere(long id, int node) =>
        RefusedException.NotFound(
            $"Node {node} has no conflict {id}.",
            "Resolved conflicts are purged when they are older than HistoryRetention days."
        );

    private async Task<(IReadOnlyList<HistoryEntry> Entries, long? Next)> ReadAsync(HistoryFilter filter, CancellationToken cancel)
    {
        var parameters = filter.ToParameters();
        var rows = (
            await local.AskAsync(
                connection =>
                    connection.QueryAsync<string>(
                        new CommandDefinition(SqlFile.Read("Conflicts/Records/read_history.sql"), parameters, cancellationToken: cancel)
                    ),
                cancel
            )
        ).AsList();
        HistoryEntry[] entries = [.. rows.Select(HistoryJson.Read<HistoryEntry>)];
        return (entries, entries.Length == filter.Limit ? entries[^1].Id : null);
    }

    private sealed record Stretch(long Entries, long FirstId, long LastId, bool IsFarEnough, string Minutes);

    private sealed record CaseRow(string Conflict, string? Transaction, string Undecided);
}
