using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Monitoring;

/// <summary>
/// Counts conflicts twice a second, exactly, without reading a long history each time: those below a floor have been
/// counted for good. The floor rises to an id once every transaction has ended that could still commit a lower one. Not
/// thread-safe.
/// </summary>
public sealed class HistoryCounts
{
    private const int Enough = 1000;

    private long floor;
    private long below;
    private long purged;
    private (long Id, long? Horizon)? candidate;

    /// <summary>How many wait, and how many were ever resolved, including purged ones.</summary>
    public async Task<(long Pending, long Resolved)> ReadAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var row = await AskAsync(connection, cancel);
        if (row.Purged != purged || row.LastId < floor)
        {
            (floor, below, purged, candidate) = (0, row.Purged, row.Purged, null);
            row = await AskAsync(connection, cancel);
        }

        var counts = (row.Pending, below + row.Above - row.Pending);
        Raise(row);
        return counts;
    }

    private void Raise(Row row)
    {
        if (candidate is not var (id, horizon))
            candidate = row.Above > Enough ? (row.LastId, null) : null;
        else if (horizon is null)
            // A transaction may take its id from the sequence a moment before it has an xid, so that only the next look
            // shows which transactions to wait for.
            candidate = (id, row.NextTransaction);
        else if (row.OldestRunning >= horizon)
            (floor, below, candidate) = (id, below + row.Inside, null);
    }

    private Task<Row> AskAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.QuerySingleAsync<Row>(
            new CommandDefinition(
                SqlFile.Read("Monitoring/read_history_counts.sql"),
                new { floor, candidate = candidate?.Id ?? floor },
                cancellationToken: cancel
            )
        );

    private sealed record Row(long Pending, long Above, long Inside, long Purged, long LastId, long OldestRunning, long NextTransaction);
}
