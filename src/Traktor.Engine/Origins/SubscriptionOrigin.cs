using Dapper;
using Npgsql;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Origins;

/// <summary>
/// The replication origin of a subscription, which the server creates with it. Only one session at a time can use it;
/// while the arbiter holds it, neither the apply worker nor another arbiter can apply
/// (<see href="https://www.postgresql.org/docs/current/replication-origins.html"/>).
/// </summary>
internal static class SubscriptionOrigin
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Sets the session's origin. The worker that was just disabled may hold it for another moment; throws 55006
    /// (object_in_use) when another session keeps it.
    /// </summary>
    public static async Task TakeAsync(NpgsqlConnection connection, uint subscription, CancellationToken cancel)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (true)
        {
            try
            {
                await connection.ExecuteAsync(
                    new CommandDefinition(
                        "select pg_replication_origin_session_setup(@origin)",
                        new { origin = ObjectNames.Origin(subscription) },
                        cancellationToken: cancel
                    )
                );
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ObjectInUse && DateTime.UtcNow < deadline)
            {
                await Task.Delay(5, cancel);
            }
        }
    }

    /// <summary>Releases the origin.</summary>
    public static Task ReleaseAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.ExecuteAsync(new CommandDefinition("select pg_replication_origin_session_reset()", cancellationToken: cancel));
}
