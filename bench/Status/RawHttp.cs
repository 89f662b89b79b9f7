using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Traktor.Bench.Status;

/// <summary>
/// One connection that speaks just enough HTTP/1.1 to ask and to read an answer with a Content-Length: a client that
/// does more would share the two cores with the server and be measured itself.
/// </summary>
internal sealed class RawHttp : IDisposable
{
    /// <summary>The request that is measured.</summary>
    public static readonly byte[] Status = Request("keep-alive");

    /// <summary>The same on a connection that ends with the answer.</summary>
    public static readonly byte[] StatusOnce = Request("close");

    private static readonly byte[] LengthHeader = "\r\nContent-Length: "u8.ToArray();

    private readonly Socket socket;
    private readonly byte[] buffer = new byte[64 * 1024];

    public RawHttp(IPEndPoint address)
    {
        socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(address);
    }

    /// <summary>Sends a request and reads the whole answer. Returns the status code.</summary>
    public int Ask(byte[] request)
    {
        socket.Send(request);
        var (filled, needed) = (0, int.MaxValue);
        while (filled < needed)
        {
            var read = socket.Receive(buffer.AsSpan(filled));
            if (read == 0)
                throw new SocketException((int)SocketError.ConnectionReset);
            filled += read;
            if (needed == int.MaxValue)
                needed = WholeLength(buffer.AsSpan(0, filled));
        }

        // "HTTP/1.1 200 …"
        return int.Parse(buffer.AsSpan(9, 3), CultureInfo.InvariantCulture);
    }

    public void Dispose() => socket.Dispose();

    private static int WholeLength(ReadOnlySpan<byte> answer)
    {
        var head = answer.IndexOf("\r\n\r\n"u8);
        if (head < 0)
            return int.MaxValue;
        var at = answer[..head].IndexOf(LengthHeader);
        if (at < 0)
            throw new InvalidOperationException("The answer has no Content-Length.");
        var digits = answer[(at + LengthHeader.Length)..(head + 2)];
        return head + 4 + int.Parse(digits[..digits.IndexOf((byte)'\r')], CultureInfo.InvariantCulture);
    }

    private static byte[] Request(string connection) =>
        Encoding.ASCII.GetBytes(
            $"GET /v1/arbiter/status HTTP/1.1\r\nHost: localhost\r\nX-API-KEY: {ArbiterProcess.ApiKey}\r\nConnection: {connection}\r\n\r\n"
        );
}
