using System.Text.Json;
using Dapper;
using Npgsql;
using Traktor.Engine.Conflicts.Rows;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Targets;

namespace Traktor.Engine.Healing.Waiting;

/// <summary>
/// Writes rows that an operator merged, as this node's own, so that they replicate to every node like any update. Each
/// is written in the transaction that deletes its entry from <c>trktr.pending_merge</c>: exactly once, even if the
/// arbiter is killed.
/// </summary>
internal sealed class PendingMerges(LocalNode local)
{
    /// <summary>Writes all pending rows. Npgsql's exceptions propagate; rows not written stay pending.</summary>
    public async Task WriteAllAsync(CancellationToken cancel)
    {
        await using var connection = await local.OpenAloneAsync(cancel);
        while (await WriteOneAsync(connection, cancel))
        {
            // The next one.
        }
    }

    private async Task<bool> WriteOneAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var session = await TextSession.BeginAsync(local.Database, connection, isReadOnly: false, cancel);
        var pending = await connection.QueryFirstOrDefaultAsync<Pending>(
            new CommandDefinition(
                "select h.id, h.relation, h.key::text as key, h.merged_row::text as row from trktr.pending_merge d join "
                    + "trktr.history h on h.id = d.history_id order by h.id limit 1 for update of d",
                cancellationToken: cancel
            )
        );
        if (pending is null)
            return false;
        FaultPoint.Reach(FaultPoint.MergePending);
        await session.ExecuteAsync("savepoint trktr_merge", cancel);
        if (await TryAsync(connection, session, pending, cancel) is { } problem)
        {
            // Do not retry forever: the reason is recorded, and the row can be written by an ordinary statement.
            await session.ExecuteAsync("rollback to savepoint trktr_merge", cancel);
            await NoteAsync(connection, pending.Id, $"The merged row could not be written: {problem}.", cancel);
        }

        await connection.ExecuteAsync(
            new CommandDefinition("delete from trktr.pending_merge where history_id = @id", new { pending.Id }, cancellationToken: cancel)
        );
        await session.CommitAsync(cancel);
        return true;
    }

    /// <summary>Writes a row. Returns why it cannot be written, in words; null when it is.</summary>
    private async Task<string?> TryAsync(NpgsqlConnection connection, TextSession session, Pending pending, CancellationToken cancel)
    {
        try
        {
            var table = await RowTable.ReadAsync(connection, TableName.Parse(pending.Relation), local.NodeId, cancel);
            using var row = JsonDocument.Parse(pending.Row);
            using var key = JsonDocument.Parse(pending.Key);
            var statement = table.Update(NamesOf(row.RootElement), NamesOf(key.RootElement));
            return await session.WriteAsync(table, statement, row.RootElement, [pending.Key], cancel) == 0
                ? "the row has been deleted"
                : null;
        }
        catch (PostgresException e) when (!ApplyErrors.IsTransient(e) && !ApplyErrors.IsServerTrouble(e))
        {
            return PostgresErrors.InWords(e);
        }
        catch (RefusedException e) when (e.Kind == RefusalKind.NotFound)
        {
            return e.Message.TrimEnd('.');
        }
    }

    private static Task NoteAsync(NpgsqlConnection connection, long id, string note, CancellationToken cancel) =>
        connection.ExecuteAsync(
            new CommandDefinition(
                "update trktr.history set reason = concat_ws(' ', reason, @note) where id = @id",
                new { id, note },
                cancellationToken: cancel
            )
        );

    private static List<string> NamesOf(JsonElement row) => [.. row.EnumerateObject().Select(member => member.Name)];

    private sealed record Pending(long Id, string Relation, string Key, string Row);
}
