using Dapper;
using NpgsqlTypes;
using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Healing.Sessions;

namespace Traktor.Engine.Healing.Applying;

/// <summary>
/// How far a heal is on disk here. Its commits are asynchronous, so a position is confirmed to the peer only when this
/// server has flushed all WAL up to a place behind its commit; until then a crash may take it back, and it has to be
/// read again. Without it a long heal would keep all of the peer's WAL, and the next one would have it decoded anew.
/// </summary>
internal sealed class DurableProgress(ApplySession session, RemoteTransactionReader reader)
{
    private const int Every = 1000;
    private (NpgsqlLogSequenceNumber Remote, NpgsqlLogSequenceNumber Local)? awaited;
    private NpgsqlLogSequenceNumber confirmed = session.Progress;
    private long nextLook = Environment.TickCount64 + Every;

    /// <summary>
    /// Looks once a second, between two transactions; <paramref name="committed"/> is the position after the last one
    /// that is committed here.
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
