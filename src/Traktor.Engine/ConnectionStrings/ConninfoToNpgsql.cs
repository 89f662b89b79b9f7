using System.Data.Common;
using System.Globalization;
using Npgsql;

namespace Traktor.Engine.ConnectionStrings;

/// <summary>
/// A connection string for the arbiter's own sessions, which use Npgsql instead of libpq.
/// <see cref="ConninfoKeywords"/> lists the use of each keyword. Remaining differences:
/// <list type="bullet">
/// <item>Npgsql has no separate address. With <c>hostaddr</c> it connects to the address, but under
/// <c>sslmode=verify-full</c> to the name, because the certificate must match it.</item>
/// <item><c>target_session_attrs</c> is dropped for a single server, because Npgsql only uses it to choose between
/// several.</item>
/// <item>Under <c>sslmode=require</c> libpq also verifies when the file <c>~/.postgresql/root.crt</c> exists; the
/// arbiter verifies when <c>sslrootcert</c> is given.</item>
/// <item>Replication connections of Npgsql accept only one server: pass them <see cref="Conninfo.For"/>.</item>
/// </list>
/// See <see href="https://www.npgsql.org/doc/connection-string-parameters.html"/>.
/// </summary>
public static class ConninfoToNpgsql
{
    // Npgsql's own limit for its time-out; zero and negative values mean no limit in libpq.
    private const int LongestTimeout = 1024;

    public static NpgsqlConnectionStringBuilder ToNpgsql(this Conninfo conninfo)
    {
        var npgsql = new NpgsqlConnectionStringBuilder { Database = conninfo.Database, Username = conninfo.User };
        var verifiesName = ConninfoTls.Mode(conninfo) == SslMode.VerifyFull;
        if (conninfo.Hosts is [var only])
        {
            (npgsql.Host, npgsql.Port) = (Dialled(only, verifiesName), only.Port);
        }
        else
        {
            npgsql.Host = string.Join(',', conninfo.Hosts.Select(host => WithPort(Dialled(host, verifiesName), host.Port)));
            Set(conninfo, "target_session_attrs", value => npgsql.TargetSessionAttributes = value);
            Set(conninfo, "load_balance_hosts", value => npgsql.LoadBalanceHosts = value == "random");
        }

        Set(conninfo, "password", value => npgsql.Password = value);
        Set(conninfo, "passfile", value => npgsql.Passfile = value);
        Set(conninfo, "options", value => npgsql.Options = value);
        Set(conninfo, "fallback_application_name", value => npgsql.ApplicationName = value);
        Set(conninfo, "application_name", value => npgsql.ApplicationName = value);
        Set(conninfo, "require_auth", value => npgsql.RequireAuth = ConninfoAuth.ToNpgsql(value));
        Set(conninfo, "krbsrvname", value => npgsql.KerberosServiceName = value);
        Set(conninfo, "channel_binding", value => npgsql.ChannelBinding = Enum.Parse<ChannelBinding>(value, ignoreCase: true));
        Set(conninfo, "gssencmode", value => npgsql.GssEncryptionMode = Enum.Parse<GssEncryptionMode>(value, ignoreCase: true));
        Number(conninfo, "connect_timeout", seconds => npgsql.Timeout = seconds <= 0 ? 0 : Math.Min(seconds, LongestTimeout));
        KeepAlive(conninfo, npgsql);
        ConninfoTls.Apply(conninfo, npgsql);
        return npgsql;
    }

    /// <summary>
    /// The libpq connection string for the same database. Client-only settings (pooling, buffers, command time-out) are
    /// left out.
    /// </summary>
    /// <exception cref="RefusedException">Malformed when there is no user, or a value that libpq does not
    /// accept.</exception>
    public static Conninfo FromNpgsql(NpgsqlConnectionStringBuilder npgsql)
    {
        // The builder returns defaults for missing settings; its text has only those that were given.
        var given = new DbConnectionStringBuilder { ConnectionString = npgsql.ConnectionString };
        var hosts = (npgsql.Host ?? "localhost").Split(',').Select(host => SplitPort(host.Trim(), npgsql.Port)).ToList();
        return Conninfo.From([
            new("host", string.Join(',', hosts.Select(host => host.Name))),
            new("port", string.Join(',', hosts.Select(host => host.Port))),
            new("user", npgsql.Username ?? ""),
            new("dbname", npgsql.Database ?? ""),
            new("password", npgsql.Password ?? ""),
            new("passfile", npgsql.Passfile ?? ""),
            new("options", npgsql.Options ?? ""),
            new("application_name", npgsql.ApplicationName ?? ""),
            new("require_auth", ConninfoAuth.FromNpgsql(npgsql.RequireAuth ?? "")),
            new("krbsrvname", npgsql.KerberosServiceName),
            new("target_session_attrs", npgsql.TargetSessionAttributes?.ToLowerInvariant() ?? ""),
            new("load_balance_hosts", npgsql.LoadBalanceHosts ? "random" : ""),
            new("channel_binding", Lower(npgsql.ChannelBinding)),
            new("gssencmode", Lower(npgsql.GssEncryptionMode)),
            new("connect_timeout", given.ContainsKey("Timeout") ? Invariant(npgsql.Timeout) : ""),
            new("keepalives", given.ContainsKey("TCP Keepalive") && !npgsql.TcpKeepAlive ? "0" : ""),
            new("keepalives_idle", npgsql.TcpKeepAliveTime > 0 ? Invariant(npgsql.TcpKeepAliveTime) : ""),
            new("keepalives_interval", npgsql.TcpKeepAliveInterval > 0 ? Invariant(npgsql.TcpKeepAliveInterval) : ""),
            .. ConninfoTls.From(npgsql),
        ]);
    }

    private static string Dialled(ConninfoHost host, bool verifiesName) => verifiesName ? host.Name : host.Address ?? host.Name;

    private static string WithPort(string host, int port) =>
        host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:{Invariant(port)}" : $"{host}:{Invariant(port)}";

    // Host formats of Npgsql: "db1", "db1:5433", "[::1]:5433" and a bare "::1".
    private static (string Name, string Port) SplitPort(string host, int port)
    {
        var colon = host.LastIndexOf(':');
        var bracket = host.LastIndexOf(']');
        var hasPort = colon > bracket && (bracket > 0 || host.IndexOf(':', StringComparison.Ordinal) == colon);
        var name = hasPort ? host[..colon] : host;
        return (name.TrimStart('[').TrimEnd(']'), hasPort ? host[(colon + 1)..] : Invariant(port));
    }

    // libpq keeps TCP connections alive by default; Unix sockets do not need it.
    private static void KeepAlive(Conninfo conninfo, NpgsqlConnectionStringBuilder npgsql)
    {
        if (conninfo.Get("keepalives") == "0")
            npgsql.TcpKeepAlive = false;
        if (conninfo.Get("keepalives") == "0" || conninfo.Hosts.Any(host => host.Name.StartsWith('/') || host.Name.StartsWith('@')))
            return;
        npgsql.TcpKeepAlive = true;
        Number(conninfo, "keepalives_idle", seconds => npgsql.TcpKeepAliveTime = Math.Max(0, seconds));
        if (npgsql.TcpKeepAliveTime > 0)
            Number(conninfo, "keepalives_interval", seconds => npgsql.TcpKeepAliveInterval = Math.Max(0, seconds));
    }

    private static void Set(Conninfo conninfo, string keyword, Action<string> set)
    {
        if (conninfo.Get(keyword) is { } value)
            set(value);
    }

    private static void Number(Conninfo conninfo, string keyword, Action<int> set) =>
        Set(conninfo, keyword, value => set(int.Parse(value, CultureInfo.InvariantCulture)));

    private static string Invariant(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
