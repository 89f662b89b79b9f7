using System.Globalization;
using Dapper;
using Npgsql;
using NpgsqlTypes;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Origins;

/// <summary>
/// The progress of a subscription's replication origin, kept equal to what was actually committed. PostgreSQL 16 and
/// newer also advance it when a transaction aborts after <c>pg_replication_origin_xact_setup</c> (the arbiter is
/// killed, the server shuts down, a deferred constraint fails at that moment), and the apply worker would then skip
/// that transaction. Therefore each healed transaction also writes its position to <c>trktr.healing_progress</c>, and
/// the origin is set back to it.
/// </summary>
internal static class OriginProgress
{
    /// <summary>
    /// The committed progress of a heal; at its start it stores the origin's own progress. The session holds the
    /// origin.
    /// </summary>
    public static async Task<(NpgsqlLogSequenceNumber Progress, bool IsAhead)> BeginAsync(
        NpgsqlConnection connection,
        int inbound,
        uint subscription,
        CancellationToken cancel
    )
    {
        var row = await connection.QuerySingleAsync<(string Origin, string Truth)>(
            new CommandDefinition(
                "with n as (insert into trktr.healing_progress values (@inbound, "
                    + "coalesce(pg_replication_origin_progress(@origin, true), '0/0')) on conflict do nothing returning lsn) "
                    + "select coalesce(pg_replication_origin_progress(@origin, true), '0/0')::text, coalesce((select lsn from "
                    + "n), (select lsn from trktr.healing_progress where inbound_node = @inbound))::text",
                new { inbound, origin = ObjectNames.Origin(subscription) },
                cancellationToken: cancel
            )
        );
        return (NpgsqlLogSequenceNumber.Parse(row.Truth), row.Origin != row.Truth);
    }

    /// <summary>
    /// Sets the origin back to what was committed if it is ahead; does nothing without a heal. No session may hold the
    /// origin.
    /// </summary>
    public static Task SettleAsync(NpgsqlConnection connection, int inbound, uint subscription, CancellationToken cancel) =>
        connection.ExecuteAsync(
            new CommandDefinition(
                "select pg_replication_origin_advance(@origin, p.lsn) from trktr.healing_progress p "
                    + "where p.inbound_node = @inbound and p.lsn <> coalesce(pg_replication_origin_progress(@origin, true), '0/0')",
                new { inbound, origin = ObjectNames.Origin(subscription) },
                cancellationToken: cancel
            )
        );

    /// <summary>The committed progress of a heal.</summary>
    public static async Task<NpgsqlLogSequenceNumber> ReadAsync(NpgsqlConnection connection, int inbound, CancellationToken cancel) =>
        NpgsqlLogSequenceNumber.Parse(
            await connection.QuerySingleAsync<string>(
                new CommandDefinition(
                    "select lsn::text from trktr.healing_progress where inbound_node = @inbound",
                    new { inbound },
                    cancellationToken: cancel
                )
            )
        );

    /// <summary>
    /// Moves the origin's progress with the commit that follows, and gives the transaction the remote stamp. A
    /// transaction that wrote nothing would have no xid and no commit record and would not move the progress; updating
    /// trktr.healing_progress gives it an xid.
    /// </summary>
    public static NpgsqlBatchCommand Move(int inbound, NpgsqlLogSequenceNumber end, DateTime committed) =>
        new(
            "with p as (update trktr.healing_progress set lsn = $1 where inbound_node = $3) select pg_replication_origin_xact_setup($1, $2)"
        )
        {
            Parameters =
            {
                new NpgsqlParameter<NpgsqlLogSequenceNumber> { TypedValue = end, NpgsqlDbType = NpgsqlDbType.PgLsn },
                new NpgsqlParameter<DateTime> { TypedValue = committed, NpgsqlDbType = NpgsqlDbType.TimestampTz },
                new NpgsqlParameter<int> { TypedValue = inbound, NpgsqlDbType = NpgsqlDbType.Integer },
            },
        };

    /// <summary>The same as PL/pgSQL statements.</summary>
    /// <param name="inbound">The peer.</param>
    /// <param name="end">The parameter with the position after the transaction.</param>
    /// <param name="at">The parameter with its commit timestamp.</param>
    public static string MoveScript(int inbound, string end, string at) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"""
            update trktr.healing_progress set lsn = {end} where inbound_node = {inbound};
            perform pg_replication_origin_xact_setup({end}, {at});
            """
        );

    /// <summary>Ends a heal: the origin's own progress is authoritative again.</summary>
    public static Task ForgetAsync(NpgsqlConnection connection, int inbound, CancellationToken cancel) =>
        connection.ExecuteAsync(
            new CommandDefinition(
                "delete from trktr.healing_progress where inbound_node = @inbound",
                new { inbound },
                cancellationToken: cancel
            )
        );
}
