using System.Text.Json;
using Dapper;
using Npgsql;
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
        await using var connection = await local.OpenServerAsync(cancel);
        while (await WriteOneAsync(connection, cancel))
        {
            // The next one.
        }
    }

    private static async Task<bool> WriteOneAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var pending = await connection.QueryFirstOrDefaultAsync<Pending>(
            new CommandDefinition(
                "select h.id, h.relation, h.key::text as key, h.merged_row::text as row from trktr.pending_merge d join "
                    + "trktr.history h on h.id = d.history_id order by h.id limit 1 for update of d",
                transaction: transaction,
                cancellationToken: cancel
            )
        );
        if (pending is null)
            return false;
        FaultPoint.Reach(FaultPoint.MergePending);
        var table = TableName.Parse(pending.Relation).Quoted;
        var (columns, keys) = (Names(pending.Row), Names(pending.Key));
        var set = string.Join(", ", columns.Select(column => $"{column} = r.{column}"));
        var where = string.Join(" and ", keys.Select(column => $"t.{column} = k.{column}"));
        await connection.ExecuteAsync(new CommandDefinition("savepoint trktr_merge", transaction: transaction, cancellationToken: cancel));
        try
        {
            var written = await connection.ExecuteAsync(
                new CommandDefinition(
                    $"update {table} t set {set} from jsonb_populate_record(null::{table}, @row::jsonb) r, "
                        + $"jsonb_populate_record(null::{table}, @key::jsonb) k where {where}",
                    new { row = pending.Row, key = pending.Key },
                    transaction,
                    cancellationToken: cancel
                )
            );
            if (written == 0)
                await NoteAsync(connection, pending.Id, "The merged row could not be written: the row has been deleted.", cancel);
        }
        catch (PostgresException e) when (!ApplyErrors.IsTransient(e) && !ApplyErrors.IsServerTrouble(e))
        {
            // Do not retry forever: the reason is recorded, and the row can be written by an ordinary statement.
            await connection.ExecuteAsync(
                new CommandDefinition("rollback to savepoint trktr_merge", transaction: transaction, cancellationToken: cancel)
            );
            await NoteAsync(connection, pending.Id, $"The merged row could not be written: {PostgresErrors.InWords(e)}.", cancel);
        }

        await connection.ExecuteAsync(
            new CommandDefinition(
                "delete from trktr.pending_merge where history_id = @id",
                new { pending.Id },
                transaction,
                cancellationToken: cancel
            )
        );
        await transaction.CommitAsync(cancel);
        return true;
    }

    private static Task NoteAsync(NpgsqlConnection connection, long id, string note, CancellationToken cancel) =>
        connection.ExecuteAsync(
            new CommandDefinition(
                "update trktr.history set reason = concat_ws(' ', reason, @note) where id = @id",
                new { id, note },
                cancellationToken: cancel
            )
        );

    private static List<string> Names(string json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateObject().Select(member => Quote.Identifier(member.Name))];
    }

    private sealed record Pending(long Id, string Relation, string Key, string Row);
}
