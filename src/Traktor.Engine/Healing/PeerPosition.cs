using Dapper;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Healing;

/// <summary>
/// Whether the peer has sent all that there was when first asked. Silence alone does not say so: a large transaction is decoded for seconds before its first row comes.
/// </summary>
internal sealed class PeerPosition(Peers peers, Conninfo conninfo, int node, int inbound)
{
    private string? target;

    /// <summary>Asks. False also when the peer does not answer or nobody reads the slot: then the reader itself says what is wrong.</summary>
    public async Task<bool> IsDrainedAsync(CancellationToken cancel)
    {
        try
        {
            await using var peer = await peers.For(conninfo).OpenAsync(cancel);
            target ??= await peer.ExecuteScalarAsync<string>(new CommandDefinition("select pg_current_wal_lsn()::text", cancellationToken: cancel));
            return await peer.ExecuteScalarAsync<bool>(new CommandDefinition(
                "select exists (select from pg_replication_slots s join pg_stat_replication w on w.pid = s.active_pid where s.slot_name = @slot and w.sent_lsn >= @target::pg_lsn)",
                new { slot = ObjectNames.Subscription(node, inbound), target },
                cancellationToken: cancel));
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            return false;
        }
    }
}
