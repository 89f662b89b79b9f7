using System.Net.Sockets;
using Npgsql;
using Traktor.Engine;
using Traktor.Engine.Postgres;

namespace Traktor.UnitTests.Engine.Postgres;

public sealed class PostgresErrorsTests
{
    [Theory]
    [InlineData(PostgresErrorCodes.InsufficientPrivilege, RefusalKind.Preflight)]
    [InlineData(PostgresErrorCodes.InvalidPassword, RefusalKind.Unavailable)]
    [InlineData(PostgresErrorCodes.InvalidCatalogName, RefusalKind.Unavailable)]
    [InlineData(PostgresErrorCodes.ConfigurationLimitExceeded, RefusalKind.Preflight)]
    [InlineData(PostgresErrorCodes.LockNotAvailable, RefusalKind.Conflict)]
    [InlineData(PostgresErrorCodes.AdminShutdown, RefusalKind.Unavailable)]
    [InlineData(PostgresErrorCodes.CannotConnectNow, RefusalKind.Unavailable)]
    [InlineData(PostgresErrorCodes.ConnectionFailure, RefusalKind.Unavailable)]
    [InlineData(PostgresErrorCodes.DuplicateObject, RefusalKind.Conflict)]
    public void ToRefusal_SqlState_HasItsKindAndNamesTheServer(string state, RefusalKind kind)
    {
        var refusal = PostgresErrors.ToRefusal(Server(state, "no"), "node 1");

        Assert.Equal(kind, refusal.Kind);
        Assert.Contains("ode 1", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ToRefusal_ConnectionRefused_IsUnavailable()
    {
        var refusal = PostgresErrors.ToRefusal(
            new NpgsqlException("x", new SocketException((int)SocketError.ConnectionRefused)),
            "this node's PostgreSQL"
        );

        Assert.Equal(RefusalKind.Unavailable, refusal.Kind);
        Assert.Equal("This node's PostgreSQL cannot be reached: connection refused.", refusal.Message);
    }

    [Fact]
    public void ToRefusal_Refusal_IsItself()
    {
        var refusal = RefusedException.NotFound("There is no such table.");

        Assert.Same(refusal, PostgresErrors.ToRefusal(refusal, "node 1"));
    }

    [Fact]
    public void ToRefusal_DefectOfOurs_IsNotHidden() =>
        Assert.Throws<InvalidOperationException>(() => PostgresErrors.ToRefusal(new ArgumentException("ours"), "node 1"));

    [Fact]
    public void InWords_MessageWithAPassword_IsMasked() =>
        Assert.DoesNotContain(
            "s3cret",
            PostgresErrors.InWords(Server("XX000", "could not connect: host=a password=s3cret")),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData(SocketError.HostNotFound, "the host name is not known")]
    [InlineData(SocketError.NetworkUnreachable, "the host cannot be reached")]
    [InlineData(SocketError.TimedOut, "no answer in time")]
    [InlineData(SocketError.ConnectionReset, "the connection broke")]
    public void InWords_Network_SaysWhat(SocketError error, string words) =>
        Assert.Equal(words, PostgresErrors.InWords(new NpgsqlException("x", new SocketException((int)error))));

    [Fact]
    public void InWords_TimeoutInsideNpgsql_IsATimeout() =>
        Assert.Equal("no answer in time", PostgresErrors.InWords(new NpgsqlException("x", new TimeoutException())));

    [Fact]
    public void InWords_DefectOfOurs_ShowsNoText() =>
        Assert.Equal("an internal error", PostgresErrors.InWords(new ArgumentException("s3cret")));

    private static PostgresException Server(string state, string message) => new(message, "ERROR", "ERROR", state);
}
