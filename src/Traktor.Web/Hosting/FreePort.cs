using System.Net;
using System.Net.Sockets;
using Traktor.Web.Configuration;

namespace Traktor.Web.Hosting;

/// <summary>Finds free TCP ports. Another process may take the port before it is used; binding it then fails.</summary>
internal static class FreePort
{
    public static int On(ListenAddress address)
    {
        var ip =
            IPAddress.TryParse(address.Host, out var given) ? given
            : address.IsAny ? IPAddress.Any
            : IPAddress.Loopback;
        using var socket = new TcpListener(ip, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }

    /// <summary>Whether this port of the loopback address is free.</summary>
    public static bool IsFree(int port)
    {
        using var socket = new TcpListener(IPAddress.Loopback, port);
        try
        {
            socket.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
