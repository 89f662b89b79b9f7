using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Traktor.Sandbox.Machine;

/// <summary>
/// Free TCP ports on loopback, outside the range for outgoing connections: a port must still be free when its server
/// listens a moment later, and when it is started again. No port is returned twice in one process.
/// </summary>
internal static class Ports
{
    private const int First = 10_000;
    private const int Last = 65_535;

    // With fewer ports than this the range for outgoing connections is used too.
    private const int Enough = 4_000;

    private static readonly ConcurrentDictionary<int, bool> Given = new();
    private static readonly (int First, int Last) Range = Outside(OutgoingRange());

    public static int Free()
    {
        while (true)
        {
            var port = Random.Shared.Next(Range.First, Range.Last + 1);
            if (Given.TryAdd(port, true) && IsFree(port))
                return port;
            if (Given.Count > (Range.Last - Range.First) / 2)
                Given.Clear();
        }
    }

    public static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>The larger part of the usable ports below or above the range for outgoing connections.</summary>
    internal static (int First, int Last) Outside((int First, int Last) outgoing)
    {
        var below = (First, Last: Math.Min(outgoing.First - 1, Last));
        var above = (First: Math.Max(outgoing.Last + 1, First), Last);
        var larger = below.Last - below.First >= above.Last - above.First ? below : above;
        return larger.Last - larger.First >= Enough ? larger : (First, Last);
    }

    /// <summary>The range for outgoing connections: from Linux's setting, elsewhere IANA's dynamic ports.</summary>
    private static (int First, int Last) OutgoingRange()
    {
        try
        {
            var words = File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range")
                .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            return (int.Parse(words[0], CultureInfo.InvariantCulture), int.Parse(words[1], CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException)
        {
            return (49_152, 65_535);
        }
    }
}
