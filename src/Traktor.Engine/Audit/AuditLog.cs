using Dapper;
using Npgsql;
using Traktor.Engine.Access;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Audit;

/// <summary>Writes this node's entries of the audit log, each in a transaction of its own.</summary>
public sealed class AuditLog(LocalNode local, TimeProvider time)
{
    /// <summary>Adds an entry. Returns its number.</summary>
    /// <exception cref="RefusedException">Unavailable; Conflict when the node is not initialised, or its schema was
    /// changed.</exception>
    public async Task<long> WriteAsync(AuditDraft draft, CancellationToken cancel)
    {
        var (connection, identity) = await local.OpenIdentifiedAsync(cancel);
        await using var opened = connection;
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            await NodeLocks.TakeAsync(connection, NodeLocks.Audit, cancel);
            var last = await LastAsync(connection, identity.Incarnation, cancel);
            var number = await AddAsync(connection, identity, last, draft.Storable(), cancel);
            await transaction.CommitAsync(cancel);
            return number;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn)
        {
            throw new RefusedException(
                RefusalKind.Conflict,
                "The table trktr.audit is missing or was changed, so that nothing can be recorded, and nothing is changed.",
                "PUT /v1/arbiter/control mends it.",
                e
            );
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }
    }

    /// <summary>
    /// Deletes up to <paramref name="limit"/> entries that were written before a time, and records up to which of its
    /// own
    /// the node has deleted. Returns how many. Npgsql's exceptions propagate.
    /// </summary>
    internal async Task<long> PurgeAsync(DateTimeOffset before, int limit, CancellationToken cancel)
    {
        var (connection, identity) = await local.OpenIdentifiedAsync(cancel);
        await using var opened = connection;
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await NodeLocks.TakeAsync(connection, NodeLocks.Audit, cancel);
        var last = await LastAsync(connection, identity.Incarnation, cancel);
        var gone = await connection.QuerySingleAsync<Purged>(
            new CommandDefinition(
                SqlFile.Read("Audit/purge_entries.sql"),
                new
                {
                    before = before.UtcDateTime,
                    limit,
                    incarnation = identity.Incarnation,
                },
                commandTimeout: 60,
                cancellationToken: cancel
            )
        );
        if (gone.Last is { } until)
            await AddAsync(connection, identity, last, Deletion(identity.NodeId, until), cancel);
        await transaction.CommitAsync(cancel);
        return gone.Entries;
    }

    // A clock that is set back puts no entry before the one that it follows.
    private DateTimeOffset NextTime(Last last)
    {
        var now = AuditChain.Truncate(time.GetUtcNow());
        return now.UtcDateTime > last.At ? now : new DateTimeOffset(last.At);
    }

    private static async Task<Last> LastAsync(NpgsqlConnection connection, Guid incarnation, CancellationToken cancel) =>
        await connection.QuerySingleOrDefaultAsync<Last>(
            new CommandDefinition(SqlFile.Read("Audit/read_last.sql"), new { incarnation }, cancellationToken: cancel)
        ) ?? new Last(0, DateTime.UnixEpoch, AuditChain.Start);

    private static AuditDraft Deletion(int node, long until) =>
        new(
            AuditActor.Of(Actor.OfArbiter(node) with { Channel = Channel.Arbiter }),
            AuditWords.Purge,
            AuditWords.UpTo(until),
            AuditOutcome.Done
        );

    private async Task<long> AddAsync(
        NpgsqlConnection connection,
        NodeIdentity identity,
        Last last,
        AuditDraft draft,
        CancellationToken cancel
    )
    {
        var number = last.Seq + 1;
        var entry = new AuditEntry(
            identity.NodeId,
            identity.Incarnation,
            number,
            NextTime(last),
            draft.Request ?? number,
            draft.By,
            draft.Action,
            draft.Target,
            draft.Outcome,
            draft.Detail,
            draft.Before,
            draft.After,
            last.Hash,
            []
        );
        await connection.ExecuteAsync(
            new CommandDefinition(
                SqlFile.Read("Audit/insert_entry.sql"),
                AuditRow.Of(entry with { Hash = AuditChain.HashOf(entry) }),
                cancellationToken: cancel
            )
        );
        return number;
    }

    private sealed record Last(long Seq, DateTime At, byte[] Hash);

    private sealed record Purged(long Entries, long? Last);
}
