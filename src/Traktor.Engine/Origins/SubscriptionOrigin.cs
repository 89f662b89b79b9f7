using Dapper;
using Npgsql;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Origins;

/// <summary>
/// The replication origin of a subscription, which the server makes with it. Only one session at a time can use it:
/// who holds it keeps the server's worker, and every other arbiter, from applying
/// (<see href="https://www.postgresql.org/docs/current/replication-origins.html"/>).
/// </summary>
internal static class SubscriptionOrigin
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Has the session use it; the worker that was just disabled holds it for another moment. Throws 55006
    /// (object_in_use) when somebody else keeps it.
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

    /// <summary>Lets go of it.</summary>
    public static Task ReleaseAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.ExecuteAsync(new CommandDefinition("select pg_replication_origin_session_reset()", cancellationToken: cancel));
}
