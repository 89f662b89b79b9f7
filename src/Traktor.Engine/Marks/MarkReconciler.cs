using Dapper;
using Npgsql;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Marks;

/// <summary>
/// Creates and drops the triggers that mark and filter transactions, and deletes marks that were sent. Each run checks
/// the catalog, so a kill between two steps loses nothing. Marks are installed before TRUNCATE is withheld from the
/// publications, and TRUNCATE is published again before they are removed: at any time a TRUNCATE is sent in one of the
/// two ways.
/// </summary>
public sealed class MarkReconciler(LocalNode local, TimeProvider time)
{
    private static readonly TimeSpan ClearEvery = TimeSpan.FromSeconds(10);

    private const int Batch = 10_000;
    private const int MostTruncations = 1_000;

    private DateTimeOffset nextClearing;

    /// <summary>
    /// One round. Every ten seconds it deletes marks that were sent. Npgsql's exceptions propagate; a locked table is
    /// left to the next round.
    /// </summary>
    /// <returns>The tables that were skipped, with the reason, in sentences.</returns>
    public async Task<IReadOnlyList<string>> KeepAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var wanted = await OriginMarks.WantedAsync(connection, cancel);
        if (wanted is { IsWanted: false, WithholdsSome: true })
            await PublishTruncateAsync(connection, isWanted: false, cancel);
        var refused = new List<string>();
        foreach (var marking in await TableMarking.ReadAsync(connection, [], cancel))
        {
            try
            {
                await ChangeAsync(connection, marking.Table, cancel);
            }
            catch (PostgresException e)
            {
                refused.Add($"{marking.Table}: {PostgresErrors.InWords(e)}");
            }
        }

        if (wanted is { IsWanted: true, TruncatesSome: true } && refused.Count == 0)
            await PublishTruncateAsync(connection, isWanted: true, cancel);
        if (time.GetUtcNow() >= nextClearing)
        {
            nextClearing = time.GetUtcNow() + ClearEvery;
            await ClearAsync(connection, cancel);
        }

        return refused;
    }

    /// <summary>
    /// Deletes marks that were sent. Truncations are rare and are truncated together when the table is not locked,
    /// because deletes of them would be published.
    /// </summary>
    private static async Task ClearAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        while (
            await connection.ExecuteScalarAsync<int>(
                new CommandDefinition(SqlFile.Read("Marks/clear_marks.sql"), cancellationToken: cancel)
            ) == Batch
        )
        {
            // There are more.
        }

        var wanted = await OriginMarks.WantedAsync(connection, cancel);
        if (
            !wanted.TruncatesSome
            && await connection.ExecuteScalarAsync<long>(
                new CommandDefinition("select count(*) from trktr.truncation", cancellationToken: cancel)
            ) > MostTruncations
        )
            await OriginMarks.BrieflyAsync(connection, "truncate trktr.truncation", cancel);
    }

    /// <summary>
    /// Changes a table's triggers under the replicaset lock, which subscribers take to request marks, and with a fresh
    /// check of what is wanted: nothing is removed that a subscriber has just requested.
    /// </summary>
    private async Task ChangeAsync(NpgsqlConnection connection, TableName table, CancellationToken cancel)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await LockAsync(connection, cancel);
        var mayRemove = await OriginMarks.TryHoldRefreshesAsync(connection, cancel);
        foreach (var marking in await TableMarking.ReadAsync(connection, [table], cancel))
        foreach (
            var statement in (marking with { WantsFilter = marking.WantsFilter || !mayRemove && marking.HasFilter }).Statements(
                local.NodeId
            )
        )
            await connection.ExecuteAsync(new CommandDefinition(statement, transaction: transaction, cancellationToken: cancel));
        await transaction.CommitAsync(cancel);
    }

    private static async Task PublishTruncateAsync(NpgsqlConnection connection, bool isWanted, CancellationToken cancel)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await LockAsync(connection, cancel);
        if ((await OriginMarks.WantedAsync(connection, cancel)).IsWanted == isWanted)
        {
            var publications = await connection.QueryAsync<string>(
                new CommandDefinition(
                    // One that somebody has changed is set right by PublicationOptions, which notes what was not sent.
                    "select pubname from pg_publication where pubname ~ '^trktr_pub(_to_\\d+)?$' and pubtruncate = @isWanted "
                        + "and pubinsert and pubupdate and pubdelete",
                    new { isWanted },
                    transaction,
                    cancellationToken: cancel
                )
            );
            foreach (var publication in publications)
                await connection.ExecuteAsync(
                    new CommandDefinition(
                        MarkSql.PublishTruncate(publication, !isWanted),
                        transaction: transaction,
                        cancellationToken: cancel
                    )
                );
        }

        await transaction.CommitAsync(cancel);
    }

    private static async Task LockAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await connection.ExecuteAsync(new CommandDefinition("set local lock_timeout = '1s'", cancellationToken: cancel));
        await NodeLocks.TakeAsync(connection, NodeLocks.Replicaset, cancel);
    }
}
