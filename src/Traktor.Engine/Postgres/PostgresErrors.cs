using System.Globalization;
using System.Net.Sockets;
using Npgsql;

namespace Traktor.Engine.Postgres;

/// <summary>Puts what PostgreSQL or the network said into words for the user; no host's internals, no secrets.</summary>
public static class PostgresErrors
{
    /// <summary>Whether this is PostgreSQL or the link to it, and not a defect of ours.</summary>
    public static bool IsFromServer(Exception error) => error is NpgsqlException or TimeoutException or SocketException or IOException;

    /// <summary>One sentence for a log line or a status: the SQLSTATE and the server's own message, or what the network said.</summary>
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
            OperationCanceledException => "it was cancelled",
            _ => "an internal error",
        };

    /// <summary>The refusal that this error means for somebody's request.</summary>
    /// <param name="error">What was thrown.</param>
    /// <param name="server">Whose server, as the sentence names it: "this node's PostgreSQL", "node 1".</param>
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
                $"Something else on {server} was in the way: {InWords(e)}.",
                "Try again; long transactions on that server hold this up.",
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
