using System.Text.Json;
using Dapper;
using Npgsql;
using Traktor.Engine.Conflicts.Records;
using Traktor.Engine.Conflicts.Rows;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Conflicts.Decisions;

/// <summary>
/// Restores a losing version of a row: writes it from the history's image as this node's own change, so that it
/// replicates to every node.
/// </summary>
public sealed class Restorations(LocalNode local, TableRows rows, History history)
{
    /// <summary>Writes a version of a resolved conflict over the current row, or inserts it if there is none.</summary>
    /// <exception cref="RefusedException">NotFound; Conflict when the conflict is not resolved, the version is not a
    /// single complete row, the row is no longer the expected version, or the server rejects the row;
    /// Unavailable.</exception>
    public async Task<RestorationReport> RestoreAsync(
        long id,
        RowSide version,
        ExpectedVersion? expected,
        string by,
        CancellationToken cancel
    )
    {
        var entry = (await history.FindAsync(id, cancel)).Conflict;
        var image = RestorationRules.Image(entry, version);
        await using var connection = await local.OpenAloneAsync(cancel);
        try
        {
            var table = await rows.TableAsync(connection, TableName.Parse(entry.Relation), cancel);
            var key = RestorationRules.KeyOf(entry, image, table.Columns);
            await using var session = await TextSession.BeginAsync(local.Database, connection, isReadOnly: false, cancel);
            await session.ReadAsync(table, table.Lock(key.EnumerateObject().Select(column => column.Name)), key, [], cancel);
            if (expected?.WhyNot(await rows.FindAsync(connection, session, table, key, cancel)) is { } changed)
                throw changed;
            await session.WriteAsync(table, table.Upsert([.. table.Columns.Where(column => !column.IsGenerated)]), image, [], cancel);
            var note = $"The {ConflictWords.Of(version)} version was restored by {by} at {DateTimeOffset.UtcNow:u}.";
            await connection.ExecuteAsync(
                new CommandDefinition(
                    "update trktr.history set reason = concat_ws(' ', reason, @note) where id = @id",
                    new { id, note },
                    cancellationToken: cancel
                )
            );
            var written = await rows.FindAsync(connection, session, table, key, cancel);
            await session.CommitAsync(cancel);
            return new RestorationReport(local.NodeId, id, entry.Relation, key, version, written.Row ?? new Dictionary<string, string?>());
        }
        catch (PostgresException e) when (e.SqlState.StartsWith("23", StringComparison.Ordinal))
        {
            throw new RefusedException(
                RefusalKind.Conflict,
                $"The row cannot be restored as it was: {PostgresErrors.InWords(e)}.",
                "Change the row or what blocks it, then write it as usual.",
                e
            );
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }
    }
}

/// <summary>The result of restoring a version.</summary>
/// <param name="Node">The node that wrote it; the others receive it.</param>
/// <param name="Conflict">The conflict's number on that node.</param>
/// <param name="Relation">The table.</param>
/// <param name="Key">The row's key.</param>
/// <param name="Version">Which version.</param>
/// <param name="Row">The row as written, with values as PostgreSQL's text.</param>
public sealed record RestorationReport(
    int Node,
    long Conflict,
    string Relation,
    JsonElement Key,
    RowSide Version,
    IReadOnlyDictionary<string, string?> Row
);
