using Dapper;
using Npgsql;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Healing.Applying;
using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Healing.Sessions;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Healing.Waiting;

/// <summary>
/// Records what waits: conflicts that need a decision, or a change whose table must be fixed. Recording the same again
/// changes nothing.
/// </summary>
internal static class WaitingRecord
{
    /// <summary>Records a transaction's conflicts together. Returns a sentence for the operator.</summary>
    public static async Task<string> WriteAsync(LocalNode local, int inbound, WaitingTransaction waiting, CancellationToken cancel)
    {
        await using var connection = await local.OpenServerAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        foreach (var conflict in waiting.Conflicts)
            await connection.ExecuteAsync(
                new CommandDefinition(
                    SqlFile.Read("Healing/Waiting/write_waiting.sql"),
                    new { conflict },
                    transaction,
                    cancellationToken: cancel
                )
            );
        await KeepAsync(connection, local.NodeId, inbound, waiting.Transaction, waiting.Changes, waiting.Count, cancel);
        await transaction.CommitAsync(cancel);
        FaultPoint.Reach(FaultPoint.PendingRecorded);
        var count = waiting.Conflicts.Count;
        return $"A transaction of node {inbound} has {(count == 1 ? "a conflict that needs" : $"{count} conflicts that need")} a "
            + $"decision: GET /v1/arbiter/conflicts?state=pending lists {(count == 1 ? "it" : "them")}.";
    }

    /// <summary>Records a change that cannot be applied. Returns a sentence for the operator.</summary>
    public static async Task<string> WriteAsync(LocalNode local, int inbound, ApplyFault fault, CancellationToken cancel)
    {
        var remote = fault.Transaction;
        await using var connection = await local.OpenServerAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var row = fault.Change as RowChange;
        await connection.ExecuteAsync(
            new CommandDefinition(
                SqlFile.Read("Healing/Waiting/write_apply_error.sql"),
                new
                {
                    name = ObjectNames.Subscription(local.NodeId, inbound),
                    peer = inbound,
                    lsn = remote.Lsn.ToString(),
                    ordinal = fault.Change?.Ordinal ?? 0,
                    relation = fault.Table?.ToString() ?? "",
                    operation = fault.Change is { } change ? ConflictWords.Of(change.Kind) : null,
                    key = row is null ? null : TransactionRecord.Text(row.Relation, row.Old ?? row.New, onlyKey: true),
                    row = row is null ? null : TransactionRecord.Text(row.Relation, row.New),
                    committed = remote.Committed,
                    state = fault.SqlState,
                    reason = $"{fault.Message} {fault.Hint}",
                },
                transaction,
                cancellationToken: cancel
            )
        );
        await KeepAsync(connection, local.NodeId, inbound, remote, fault.Change is null ? [] : [fault.Change], 1, cancel);
        await transaction.CommitAsync(cancel);
        FaultPoint.Reach(FaultPoint.PendingRecorded);
        return $"A transaction of node {inbound} cannot be applied: {fault.Message} (SQLSTATE {fault.SqlState}) {fault.Hint}";
    }

    private static async Task KeepAsync(
        NpgsqlConnection connection,
        int node,
        int inbound,
        RemoteTransaction remote,
        IReadOnlyList<RemoteChange> changes,
        long count,
        CancellationToken cancel
    )
    {
        if (changes.Count == 0)
            return;
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(TransactionRecord.KeepIfConflicting(ObjectNames.Subscription(node, inbound), remote, changes, count));
        await batch.ExecuteNonQueryAsync(cancel);
    }
}
