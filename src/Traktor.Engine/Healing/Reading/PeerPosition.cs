using Dapper;
using NpgsqlTypes;
using Traktor.Engine.ConnectionStrings;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Healing.Reading;

/// <summary>
/// Whether all has come that there was on the peer when first asked. Silence alone does not say so: a large transaction
/// is decoded for seconds before its first row comes. Nor does what the peer has sent: on a long way it is still under
/// way.
/// </summary>
internal sealed class PeerPosition(Peers peers, Conninfo conninfo)
{
    private NpgsqlLogSequenceNumber? target;

    /// <summary>Asks once, then compares. False also when the peer does not answer: then the reader itself says what is wrong.</summary>
    /// <param name="received">How far the slot was read.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<bool> IsReachedAsync(NpgsqlLogSequenceNumber received, CancellationToken cancel)
    {
        try
        {
            target ??= NpgsqlLogSequenceNumber.Parse(await ReadAsync(cancel).WaitAsync(cancel));
            return received >= target;
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            return false;
        }
    }

    /// <summary>What is not on the peer's disk is not decoded yet.</summary>
    private async Task<string> ReadAsync(CancellationToken cancel)
    {
        await using var peer = await peers.For(conninfo).OpenAsync(cancel);
        return (
            await peer.ExecuteScalarAsync<string>(
                new CommandDefinition("select pg_current_wal_flush_lsn()::text", cancellationToken: cancel)
            )
        )!;
    }
}
