using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Traktor.Engine.ConnectionStrings;

/// <summary>The rules for a connection string. Errors never repeat a value.</summary>
internal static class ConninfoRules
{
    // DNS (RFC 1035, 2.3.4): 255 octets with the lengths of the parts, which makes 253 characters.
    private const int LongestLabel = 63;
    private const int LongestHost = 253;

    // sockaddr_un of Linux, without the NUL at the end; libpq's own limit too.
    private const int LongestSocket = 107;

    private static readonly string[] Numbers =
    [
        "connect_timeout",
        "keepalives_idle",
        "keepalives_interval",
        "keepalives_count",
        "tcp_user_timeout",
    ];
    private static readonly string[] Unencrypted = ["disable", "allow", "prefer"];

    public static void Check(IReadOnlyDictionary<string, string> settings)
    {
        foreach (var (name, value) in settings)
            CheckOne(ConninfoKeywords.Known(name), value);
        if (!settings.ContainsKey("user"))
            throw RefusedException.Malformed(
                "The connection string has no user.",
                "Add user=…, the role with which the arbiter and the subscriptions log in."
            );

        var mode = settings.GetValueOrDefault("sslmode");
        if (settings.GetValueOrDefault("sslrootcert") == "system" && mode is not (null or "verify-full"))
            throw RefusedException.Malformed(
                "sslrootcert=system in the connection string needs sslmode=verify-full.",
                "Set sslmode=verify-full, or name a file in sslrootcert."
            );
        if (settings.GetValueOrDefault("sslnegotiation") == "direct" && Unencrypted.Contains(mode ?? "prefer"))
            throw RefusedException.Malformed(
                "sslnegotiation=direct in the connection string needs sslmode=require or stronger.",
                "Set sslmode=require, verify-ca or verify-full."
            );
    }

    /// <summary>
    /// The servers in the order in which libpq tries them; a missing host is localhost, a missing port 5432.
    /// </summary>
    public static IReadOnlyList<ConninfoHost> Hosts(IReadOnlyDictionary<string, string> settings)
    {
        var names = settings.GetValueOrDefault("host")?.Split(',');
        var addresses = settings.GetValueOrDefault("hostaddr")?.Split(',');
        var ports = settings.GetValueOrDefault("port")?.Split(',') ?? [""];
        var count = names?.Length ?? addresses?.Length ?? 1;
        if (names is not null && addresses is not null && names.Length != addresses.Length)
            throw RefusedException.Malformed(
                $"The connection string has {names.Length} hosts and {addresses.Length} hostaddrs.",
                "Give one hostaddr for each host, or none."
            );
        if (ports.Length != 1 && ports.Length != count)
            throw RefusedException.Malformed(
                $"The connection string has {count} hosts and {ports.Length} ports.",
                "Give one port for all hosts, or one for each."
            );

        var hosts = new List<ConninfoHost>();
        for (var i = 0; i < count; i++)
        {
            var address = addresses?[i].Trim() is { Length: > 0 } given ? given : null;
            var name = names?[i].Trim() is { Length: > 0 } named ? named : address ?? "localhost";
            var port = Port(ports[ports.Length == 1 ? 0 : i].Trim());
            if (name.StartsWith('/') || name.StartsWith('@'))
                CheckSocket(name, port);
            else
                CheckHost(name);
            CheckAddress(address);
            hosts.Add(new ConninfoHost(name, address, port));
        }

        return hosts;
    }

    private static void CheckOne(ConninfoKeyword keyword, string value)
    {
        if (keyword.Use == KeywordUse.Refused)
            throw RefusedException.Malformed($"The keyword '{keyword.Name}' is not supported in a connection string: {keyword.Reason}.");
        if (keyword.Values is { } values && !values.Contains(value))
            throw RefusedException.Malformed(
                $"The value of '{keyword.Name}' in the connection string is not one that libpq knows.",
                $"Valid values are: {string.Join(", ", values)}."
            );
        if (
            Numbers.Contains(keyword.Name)
            && !int.TryParse(value.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
        )
            throw RefusedException.Malformed(
                $"The value of '{keyword.Name}' in the connection string is not an integer.",
                $"For example {keyword.Name}=10."
            );

        switch (keyword.Name, value)
        {
            case ("require_auth", _):
                ConninfoAuth.Check(value);
                break;
            case ("sslcertmode", "require"):
                throw RefusedException.Malformed(
                    "sslcertmode=require is not supported in a connection string: the arbiter cannot see whether the server "
                        + "asked for its certificate.",
                    "Leave it out, and require the certificate in the server's pg_hba.conf (clientcert=verify-full)."
                );
            case ("ssl_min_protocol_version", "TLSv1.3"):
                throw RefusedException.Malformed(
                    "ssl_min_protocol_version=TLSv1.3 is not supported in a connection string: the arbiter would accept TLS "
                        + "1.2 in its own sessions.",
                    "Set ssl_min_protocol_version in the server's postgresql.conf instead."
                );
        }
    }

    private static void CheckHost(string name)
    {
        if (name.Contains(';', StringComparison.Ordinal))
            throw RefusedException.Malformed(
                "The host in the connection string contains a ';'.",
                "Separate the settings with blanks, as in host=db1 port=5432 user=…; semicolons belong to another kind of "
                    + "connection string."
            );
        var isAddress = IPAddress.TryParse(name, out var ip);
        if (
            name.Any(c =>
                char.IsWhiteSpace(c) || char.IsControl(c) || c is '/' or '"' or '\'' or '=' or '[' or ']' || (c == ':' && !isAddress)
            )
        )
            throw RefusedException.Malformed(
                "The host in the connection string contains a character that is not allowed in a host name.",
                "Write a host name, an IP address, or a Unix socket's directory that starts with '/'."
            );
        if (ip is not null)
        {
            CheckTarget(ip);
            return;
        }

        var labels = (name.EndsWith('.') ? name[..^1] : name).Split('.');
        if (labels.Any(label => label.Length == 0 || Encoding.UTF8.GetByteCount(label) > LongestLabel))
            throw RefusedException.Malformed(
                $"The host in the connection string has a part between dots that is empty or longer than {LongestLabel} bytes.",
                "No host name in DNS can be like that; correct it."
            );
        if (Encoding.UTF8.GetByteCount(name) > LongestHost)
            throw RefusedException.Malformed(
                $"The host in the connection string is longer than {LongestHost} bytes.",
                "No host name in DNS can be that long; correct it."
            );
    }

    private static void CheckSocket(string directory, int port)
    {
        if (Encoding.UTF8.GetByteCount(string.Create(CultureInfo.InvariantCulture, $"{directory}/.s.PGSQL.{port}")) > LongestSocket)
            throw RefusedException.Malformed(
                $"The path of the Unix socket in the connection string is longer than {LongestSocket} bytes.",
                "Give a shorter directory as host, or a symbolic link to it."
            );
    }

    private static void CheckAddress(string? address)
    {
        if (address is null)
            return;
        if (
            !IPAddress.TryParse(address, out var ip)
            || (ip.AddressFamily == AddressFamily.InterNetwork && address.Count(c => c == '.') != 3)
            || address.Contains('[', StringComparison.Ordinal)
        )
            throw RefusedException.Malformed(
                "The hostaddr in the connection string is not an IP address.",
                "For example hostaddr=192.0.2.10; names belong in host."
            );
        CheckTarget(ip);
    }

    private static void CheckTarget(IPAddress address)
    {
        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            throw RefusedException.Malformed(
                "The connection string names 0.0.0.0 or ::, which a server can listen on but nobody can connect to.",
                "Give the server's own address; on the same machine that is 127.0.0.1 or ::1."
            );
    }

    private static int Port(string text)
    {
        if (text.Length == 0)
            return Conninfo.DefaultPort;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535
            ? port
            : throw RefusedException.Malformed(
                "The port in the connection string is not an integer from 1 to 65535.",
                "For example port=5432."
            );
    }
}
