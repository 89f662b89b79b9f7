using System.Globalization;
using System.Net.Sockets;
using Npgsql;

namespace Traktor.Engine.Postgres;

/// <summary>Describes errors of PostgreSQL and the network for the user, without internals or secrets.</summary>
public static class PostgresErrors
{
    /// <summary>Whether the error is from PostgreSQL or the link to it, not a defect of Traktor.</summary>
    public static bool IsFromServer(Exception error) => error is NpgsqlException or TimeoutException or SocketException or IOException;

    /// <summary>
    /// Whether the server gave up a transaction only because of what others did at the same time: a deadlock, or a
    /// failure to serialize. The same done again succeeds.
    /// </summary>
    public static bool IsDeadlock(Exception error) =>
        (error as PostgresException ?? error.InnerException as PostgresException)?.SqlState
            is PostgresErrorCodes.DeadlockDetected
                or PostgresErrorCodes.SerializationFailure;

    /// <summary>
    /// One sentence for a log line or a status: the SQLSTATE and the server's message, or the network's error.
    /// </summary>
    public static string InWords(Exception error) =>
        error switch
        {
            PostgresException e => Secrets.Redact(string.Create(CultureInfo.InvariantCulture, $"{e.MessageText} (SQLSTATE {e.SqlState})")),
            _ when Innermost<TimeoutException>(error) is not null => "no answer in time",
            _ when Innermost<SocketException>(error) is { } socket => socket.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => "connection refused",
                SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData => "the host name is not known",
                SocketError.HostUnreachable or SocketError.NetworkUnreachable => "the host cannot be reached",
                SocketError.TimedOut => "no answer in time",
                _ => "the connection broke",
            },
            NpgsqlException or IOException => "the connection broke",
            OperationCanceledException => "cancelled",
            _ => "an internal error",
        };

    /// <summary>The refusal of a request because of this error.</summary>
    /// <param name="error">The exception.</param>
    /// <param name="server">The server's name in the sentence: "this node's PostgreSQL", "node 1".</param>
    public static RefusedException ToRefusal(Exception error, string server) =>
        error switch
        {
            RefusedException refused => refused,
            PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } e => new RefusedException(
                RefusalKind.Preflight,
                $"The role that connects to {server} lacks a privilege: {InWords(e)}.",
                "Run the script that `-- grants` prints, as a superuser.",
                e
            ),
            PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } e =>
                new RefusedException(
                    RefusalKind.Unavailable,
                    $"{Capital(server)} does not accept the user or password of the connection string: {InWords(e)}.",
                    null,
                    e
                ),
            PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } e => new RefusedException(
                RefusalKind.Unavailable,
                $"The database of the connection string does not exist on {server}.",
                "Create it, or correct dbname.",
                e
            ),
            PostgresException { SqlState: PostgresErrorCodes.ConfigurationLimitExceeded } e => new RefusedException(
                RefusalKind.Preflight,
                $"A limit of {server} is reached: {InWords(e)}.",
                "Raise max_replication_slots and max_wal_senders, and restart that server.",
                e
            ),
            PostgresException
            {
                SqlState: PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.ObjectInUse
            } e => new RefusedException(
                RefusalKind.Conflict,
                $"Another transaction on {server} blocks this: {InWords(e)}.",
                "Try again; long transactions on that server delay it.",
                e
            ),
            PostgresException e
                when e.SqlState.StartsWith("08", StringComparison.Ordinal) || e.SqlState.StartsWith("57P", StringComparison.Ordinal) =>
                new RefusedException(RefusalKind.Unavailable, $"{Capital(server)} cannot be used now: {InWords(e)}.", null, e),
            PostgresException e => new RefusedException(RefusalKind.Conflict, $"{Capital(server)} refused: {InWords(e)}.", null, e),
            _ when IsFromServer(error) => RefusedException.Unavailable($"{Capital(server)} cannot be reached: {InWords(error)}.", error),
            _ => throw new InvalidOperationException("Not an error of PostgreSQL.", error),
        };

    private static T? Innermost<T>(Exception? error)
        where T : Exception
    {
        for (; error is not null; error = error.InnerException)
            if (error is T found)
                return found;
        return null;
    }

    private static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];
}
