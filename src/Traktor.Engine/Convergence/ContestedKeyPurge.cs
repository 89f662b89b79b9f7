using Dapper;
using Npgsql;
using Traktor.Engine.Convergence.ContestedKeys;
using Traktor.Engine.Convergence.Keys;
using Traktor.Engine.Convergence.Restoring;
using Traktor.Engine.Convergence.Rules;
using Traktor.Engine.Heartbeats;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Convergence;

/// <summary>
/// Deletes contested keys that no node can contest any more, and acquires the "nothing contested" lock when none is
/// left.
/// </summary>
internal sealed class ContestedKeyPurge(
    ConvergenceSession session,
    int self,
    ContestedKeyStore contested,
    KeyTables keys,
    RowRestorer restorer
)
{
    private const int MostKeys = 200;

    /// <summary>
    /// How many keys are deleted at a time. After a node was unreachable for long there may be millions, and the
    /// heartbeat waits for this.
    /// </summary>
    private const int MostPurged = 10_000;

    /// <summary>Deletes the keys whose winner every node has acknowledged. Returns whether there were any.</summary>
    public async Task<bool> PurgeAsync(CancellationToken cancel)
    {
        var isAny = false;
        var (least, hasOwnWinners) = await session.Announcing.QuerySingleAsync<(long? Oldest, bool HasOwnWinners)>(
            new CommandDefinition(SqlFile.Read("Convergence/read_purgeable.sql"), new { node = self }, cancellationToken: cancel)
        );
        if (
            least is { } oldest
            && (await HeartbeatSnapshot.ReadAsync(session.Announcing, self, cancel)).ToLog().LastAcknowledged() is var received
            && oldest <= received
        )
        {
            isAny = true;
            var incomplete = await keys.NamesAsync(
                "Convergence/purge_contested_keys.sql",
                new
                {
                    received,
                    node = self,
                    most = MostPurged,
                    limit = MostKeys,
                },
                cancel
            );
            try
            {
                if (incomplete.Count > 0 && await keys.MapAsync(incomplete, cancel) is { Count: > 0 } found)
                    await SettleAsync(found, cancel);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                // An application holds one of these rows: the next round tries again. The other work goes on.
            }
        }

        // This node's own winners are already in its stream; those of other nodes are deleted as they are processed.
        if (hasOwnWinners)
            await restorer.ClearAsync([], cancel);
        await session.CertifyAsync(cancel);
        return isAny;
    }

    private async Task SettleAsync(IReadOnlyList<(KeyName Name, ConvergedTable Table)> found, CancellationToken cancel)
    {
        await using var transaction = await session.Announcing.BeginTransactionAsync(cancel);
        await contested.HoldHeartbeatAsync(cancel);
        var read = await KeyStates.LockAsync(session.AnnouncingOwners, self, found, cancel);
        var losses = new LossRecord(self);
        var decided = new List<UnappliedRow>();
        for (var n = 0; n < found.Count; n++)
            if (read.States[n] is { Contested: { } entry } state && KeyRules.Purge(entry, state.Row, read.Known.Next ?? 0) is { } outcome)
            {
                decided.Add(new UnappliedRow(found[n].Name, found[n].Table, outcome.Contested));
                foreach (var loss in outcome.Losses)
                    losses.Add(found[n].Table, found[n].Name.Key, loss);
            }

        await contested.StoreAsync(decided, losses, cancel);
        await transaction.CommitAsync(cancel);
    }
}
