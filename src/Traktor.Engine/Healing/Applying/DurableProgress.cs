using Dapper;
using NpgsqlTypes;
using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Healing.Sessions;

namespace Traktor.Engine.Healing.Applying;

/// <summary>
/// How far the progress of a heal is on disk. Its commits are asynchronous, so a position is confirmed to the peer only
/// after this server has flushed its WAL beyond the commit; a crash before that undoes the commit, and the transaction
/// must be read again. Without confirmations the peer would keep all its WAL during a long heal, and the next heal
/// would decode it again.
/// </summary>
internal sealed class DurableProgress(ApplySession session, RemoteTransactionReader reader)
{
    private const int Every = 1000;
    private (NpgsqlLogSequenceNumber Remote, NpgsqlLogSequenceNumber Local)? awaited;
    private NpgsqlLogSequenceNumber confirmed = session.Progress;
    private long nextLook = Environment.TickCount64 + Every;

    /// <summary>
    /// Checks once a second, between two transactions. <paramref name="committed"/> is the position after the last
    /// transaction committed here.
    /// </summary>
    public async ValueTask ConfirmAsync(NpgsqlLogSequenceNumber? committed, CancellationToken cancel)
    {
        if (committed is not { } now || now == confirmed || Environment.TickCount64 < nextLook)
            return;
        nextLook = Environment.TickCount64 + Every;
        var (inserted, flushed) = await session.Connection.QuerySingleAsync<(string Inserted, string Flushed)>(
            new CommandDefinition("select pg_current_wal_insert_lsn()::text, pg_current_wal_flush_lsn()::text", cancellationToken: cancel)
        );
        if (awaited is { } last && NpgsqlLogSequenceNumber.Parse(flushed) >= last.Local)
        {
            await reader.ConfirmAsync(confirmed = last.Remote, cancel);
            FaultPoint.Reach(FaultPoint.Confirmed);
            awaited = null;
        }

        if (now != confirmed)
            awaited ??= (now, NpgsqlLogSequenceNumber.Parse(inserted));
    }
}
