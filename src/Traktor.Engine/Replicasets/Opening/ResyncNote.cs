using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;
using Traktor.Engine.Publications;

namespace Traktor.Engine.Replicasets.Opening;

/// <summary>Notes in <c>trktr.resync</c> that a peer may lack rows of a table.</summary>
internal static class ResyncNote
{
    /// <summary>Notes it, in place of what was noted before: a comparison that runs does not close it.</summary>
    public static Task AddAsync(NpgsqlConnection connection, TableName table, int node, ResyncReason reason, CancellationToken cancel) =>
        connection.ExecuteAsync(
            new CommandDefinition(
                SqlFile.Read("Replicasets/Opening/note_resync.sql"),
                new
                {
                    node,
                    schema = table.Schema,
                    name = table.Name,
                    reason = reason.ToString().ToLowerInvariant(),
                },
                cancellationToken: cancel
            )
        );

    /// <summary>
    /// Notes for every peer which open tables are not published, or all of them. Called all the time, so that it is on
    /// record also when somebody publishes the table again by hand.
    /// </summary>
    public static Task AddUnpublishedAsync(NpgsqlConnection connection, int node, bool all, CancellationToken cancel) =>
        connection.ExecuteAsync(
            new CommandDefinition(SqlFile.Read("Replicasets/Opening/note_unpublished.sql"), new { node, all }, cancellationToken: cancel)
        );
}
