using Npgsql;

namespace Traktor.Engine.Schema;

/// <summary>
/// Settings that no session of ours takes from the defaults of its role or database, which an administrator made for
/// applications. Options of the connection have precedence over such defaults. The server's own apply workers take
/// them; most do not hinder a worker, and preflight names those that do.
/// </summary>
public static class SessionDefaults
{
    private const string Options =
        "-c default_transaction_read_only=off -c default_transaction_deferrable=off "
        + "-c default_transaction_isolation=read\\ committed -c idle_session_timeout=0 -c idle_in_transaction_session_timeout=0 "
        + "-c role=none";

    private static readonly Version KnowsTransactionTimeout = new(17, 0);

    /// <summary>Adds them to a connection string, after its own options.</summary>
    public static void Pin(NpgsqlConnectionStringBuilder settings) => settings.Options = $"{settings.Options} {Options}".Trim();

    /// <summary>
    /// What a new session runs first: a setting that older servers do not have cannot be among the options.
    /// </summary>
    public static string FirstStatement(NpgsqlConnection connection) =>
        connection.PostgreSqlVersion >= KnowsTransactionTimeout ? "set transaction_timeout = 0" : ";";
}
