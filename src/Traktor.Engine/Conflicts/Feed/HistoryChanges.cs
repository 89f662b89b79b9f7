using Dapper;
using Traktor.Engine.Conflicts.Records;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Conflicts.Feed;

/// <summary>
/// Queries <c>trktr.history</c>. It does not use LISTEN, because a NOTIFY in every healing transaction would take a
/// lock that all commits of the database share.
/// </summary>
internal sealed class HistoryChanges(LocalNode local) : IHistoryChanges
{
    public async Task<HistoryLook> LookAsync(HistoryQuestion question, CancellationToken cancel)
    {
        await using var connection = await local.OpenAsync(cancel);
        try
        {
            var marks = await connection.QuerySingleAsync<Marks>(
                new CommandDefinition(SqlFile.Read("Conflicts/Feed/read_change_marks.sql"), cancellationToken: cancel)
            );
            var parameters = new
            {
                afterId = question.AfterId,
                lateIds = question.LateIds.ToArray(),
                afterRevision = question.AfterRevision,
                lateRevisions = question.LateRevisions.ToArray(),
                limit = question.Limit,
            };
            var rows = await connection.QueryAsync<(bool IsNew, string Entry)>(
                new CommandDefinition(SqlFile.Read("Conflicts/Feed/read_changes.sql"), parameters, cancellationToken: cancel)
            );
            var found = rows.ToLookup(row => row.IsNew, row => HistoryJson.Read<HistoryEntry>(row.Entry));
            return new HistoryLook(
                [.. found[true]],
                [.. found[false]],
                marks.LastId,
                marks.LastRevision,
                marks.OldestRunning,
                marks.NextTransaction
            );
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }
    }

    private sealed record Marks(long LastId, long LastRevision, long OldestRunning, long NextTransaction);
}
