using Dapper;
using NpgsqlTypes;
using Traktor.Engine.ConnectionStrings;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Healing.Reading;

/// <summary>
/// Whether everything has arrived that the peer had written when it was first asked. Silence alone does not show this,
/// because the peer decodes a large transaction for seconds before it sends the first row. Nor does the position that
/// the peer has sent, because the data may still be under way on a slow link.
/// </summary>
internal sealed class PeerPosition(Peers peers, Conninfo conninfo)
{
    private NpgsqlLogSequenceNumber? target;

    /// <summary>
    /// Asks the peer once, then compares. Also false when the peer does not answer; the reader then reports the error.
    /// </summary>
    /// <param name="received">How far the slot has been read.</param>
    /// <param name="cancel">Cancels the call.</param>
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

    /// <summary>The flush position, because WAL that is not on the peer's disk is not decoded yet.</summary>
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
