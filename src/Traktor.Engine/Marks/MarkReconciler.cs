using Dapper;
using Npgsql;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Marks;

/// <summary>
/// Brings the triggers of marking and filtering to what is wanted, and clears marks that were sent. Each run looks at
/// the catalog anew, so a kill between any two steps loses nothing. Marks come before TRUNCATE is withheld, and
/// TRUNCATE is published again before they go: at no time is one sent in neither way.
/// </summary>
public sealed class MarkReconciler(LocalNode local, TimeProvider time)
{
    private static readonly TimeSpan ClearEvery = TimeSpan.FromSeconds(10);

    private const int Batch = 10_000;
    private const int MostTruncations = 1_000;

    private DateTimeOffset nextClearing;

    /// <summary>
    /// One round, which clears what was sent every ten seconds. Throws what Npgsql throws; a table that is locked is
    /// left to the next round.
    /// </summary>
    /// <returns>The tables that were passed over, with why, in sentences.</returns>
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
    /// Deletes what has served. Truncations, which are rare, go all at once when nobody holds their table: deletes of
    /// them would be published.
    /// </summary>
    private static async Task ClearAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        while (
            await connection.ExecuteScalarAsync<int>(
                new CommandDefinition(SqlFile.Read("Marks/clear_marks.sql"), cancellationToken: cancel)
            ) == Batch
        )
        {
            // More of them.
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
    /// Under the replicaset's lock, under which subscribers ask for marks, and with what is wanted looked at again:
    /// nothing is removed that somebody has just asked for.
    /// </summary>
    private async Task ChangeAsync(NpgsqlConnection connection, TableName table, CancellationToken cancel)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await PauseAsync(connection, cancel);
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
        await PauseAsync(connection, cancel);
        if ((await OriginMarks.WantedAsync(connection, cancel)).IsWanted == isWanted)
        {
            var publications = await connection.QueryAsync<string>(
                new CommandDefinition(
                    "select pubname from pg_publication where pubname ~ '^trktr_pub(_to_\\d+)?$' and pubtruncate = @isWanted",
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

    private static Task PauseAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.ExecuteAsync(
            new CommandDefinition(
                $"set local lock_timeout = '1s'; select pg_advisory_xact_lock({AdvisoryLocks.Replicaset})",
                cancellationToken: cancel
            )
        );
}
