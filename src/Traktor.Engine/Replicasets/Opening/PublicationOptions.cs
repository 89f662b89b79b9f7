using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;
using Traktor.Engine.Publications;

namespace Traktor.Engine.Replicasets.Opening;

/// <summary>The options of this node's publications, which somebody may change by hand.</summary>
internal static class PublicationOptions
{
    /// <summary>
    /// Sets options again that somebody has changed, and notes that every peer may lack rows of every open table: some
    /// changes were not sent meanwhile.
    /// </summary>
    /// <returns>The publications that were changed.</returns>
    public static async Task<IReadOnlyList<string>> RestoreAsync(NpgsqlConnection connection, int node, CancellationToken cancel)
    {
        if ((await ReadAsync(connection, cancel)).Count == 0)
            return [];
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await ReplicasetLock.TakeAsync(connection, cancel);
        var changed = await ReadAsync(connection, cancel);
        foreach (var (name, publish) in changed)
            await connection.ExecuteAsync(new CommandDefinition(PublicationSql.SetOptions(name, publish), cancellationToken: cancel));
        if (changed.Count > 0)
            await ResyncNote.AddUnpublishedAsync(connection, node, all: true, cancel);
        await transaction.CommitAsync(cancel);
        return [.. changed.Select(publication => publication.Name)];
    }

    private static async Task<List<(string Name, string Publish)>> ReadAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        (
            await connection.QueryAsync<(string, string)>(
                new CommandDefinition(SqlFile.Read("Replicasets/Opening/read_changed_publications.sql"), cancellationToken: cancel)
            )
        ).AsList();
}
