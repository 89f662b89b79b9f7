using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Traktor.Web.Configuration;

/// <summary>Where the REST API and the console listen, as <c>APIAddress</c> says: <c>host:port</c>.</summary>
/// <param name="Host">A host name, an IP address without brackets, or <c>*</c> for all addresses of the
/// machine.</param>
/// <param name="Port">TCP port; 0 lets the operating system choose a free one.</param>
public sealed record ListenAddress(string Host, int Port)
{
    /// <summary>Whether it listens on every address of the machine.</summary>
    public bool IsAny => Host == "*" || (Address is { } ip && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)));

    /// <summary>Whether it accepts connections from this machine only.</summary>
    public bool IsLoopback =>
        Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (Address is { } ip && IPAddress.IsLoopback(ip));

    private IPAddress? Address => IPAddress.TryParse(Host, out var ip) ? ip : null;

    /// <summary>Reads <c>host:port</c>, <c>[IPv6]:port</c> or <c>*:port</c>; null for anything else.</summary>
    public static ListenAddress? Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        if (
            colon <= 0
            || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || port > 65535
        )
            return null;
        var host = text[..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
            return IPAddress.TryParse(host[1..^1], out _) && host.Contains(':', StringComparison.Ordinal)
                ? new ListenAddress(host[1..^1], port)
                : null;
        return host == "*" || Uri.CheckHostName(host) is UriHostNameType.Dns or UriHostNameType.IPv4 ? new ListenAddress(host, port) : null;
    }

    /// <summary>
    /// Makes Kestrel listen there; <paramref name="configure"/> runs for each socket, for instance to switch TLS on.
    /// <c>localhost</c> is both loopback addresses, or only that of IPv4 with port 0, because two sockets could get
    /// different ports. Any other name is resolved now.
    /// </summary>
    /// <exception cref="ConfigurationException">The name cannot be resolved.</exception>
    public void Bind(KestrelServerOptions kestrel, Action<ListenOptions> configure)
    {
        if (Address is { } ip)
            kestrel.Listen(ip, Port, configure);
        else if (Host == "*")
            kestrel.ListenAnyIP(Port, configure);
        else if (IsLoopback && Port == 0)
            kestrel.Listen(IPAddress.Loopback, Port, configure);
        else if (IsLoopback)
            kestrel.ListenLocalhost(Port, configure);
        else
            foreach (var resolved in Resolve())
                kestrel.Listen(resolved, Port, configure);
    }

    /// <summary>The URL for callers; if it listens on all addresses, with the host name of the machine.</summary>
    public Uri ToUrl(bool tls) =>
        new(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{(tls ? "https" : "http")}://{this with { Host = IsAny ? Dns.GetHostName() : Host }}"
            )
        );

    private IPAddress[] Resolve()
    {
        try
        {
            return Dns.GetHostAddresses(Host);
        }
        catch (SocketException)
        {
            throw new ConfigurationException(
                "APIAddress",
                ["The host name cannot be resolved on this machine; write an IP address, localhost or *, for instance 127.0.0.1:8080."]
            );
        }
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");
}
