using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Traktor.E2ETests.Fuzzing;

/// <summary>Sends bytes and reads an answer, without a client's opinion of what HTTP is.</summary>
internal static class HttpSocket
{
    private const string Blank = "\r\n\r\n";

    /// <summary>
    /// The answer; of an endless one only the headers. Empty when the connection was closed without one. Throws
    /// <see cref="OperationCanceledException"/> when none came in time.
    /// </summary>
    public static async Task<string> SendAsync(int port, byte[] request, bool isHead, TimeSpan limit)
    {
        using var deadline = new CancellationTokenSource(limit);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, deadline.Token);
        // A server that has answered already may refuse the rest: what it answered counts.
        var sending = TryAsync(async () => await socket.SendAsync(request, deadline.Token));
        var answer = new StringBuilder();
        var buffer = new byte[16 * 1024];
        while (!IsWhole(answer.ToString(), isHead))
        {
            var count = await TryAsync(async () => await socket.ReceiveAsync(buffer, deadline.Token));
            if (count == 0)
                break;
            answer.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }

        await sending;
        return WithoutContinue(answer.ToString());
    }

    /// <summary>The status of an answer; 0 when it is none of HTTP/1.1.</summary>
    public static int Status(string answer) =>
        answer.Length > 12
        && answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal)
        && int.TryParse(answer.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            ? status
            : 0;

    /// <summary>A header's value; empty when there is none.</summary>
    public static string Header(string answer, string name)
    {
        var head = answer[..Math.Max(0, answer.IndexOf(Blank, StringComparison.Ordinal))];
        var line = head.Split("\r\n").FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase));
        return line is null ? "" : line[(name.Length + 1)..].Trim();
    }

    /// <summary>What follows the headers, as it was framed.</summary>
    public static string Body(string answer) =>
        answer[Math.Min(answer.Length, answer.IndexOf(Blank, StringComparison.Ordinal) + Blank.Length)..];

    private static bool IsWhole(string received, bool isHead)
    {
        var answer = WithoutContinue(received);
        if (!answer.Contains(Blank, StringComparison.Ordinal))
            return false;
        if (
            isHead
            || Status(answer) is 101 or 204 or 304
            || Header(answer, "Content-Type").StartsWith("text/event-stream", StringComparison.Ordinal)
        )
            return true;
        if (int.TryParse(Header(answer, "Content-Length"), NumberStyles.None, CultureInfo.InvariantCulture, out var length))
            return Body(answer).Length >= length;
        return Header(answer, "Transfer-Encoding") == "chunked" && answer.EndsWith("0\r\n\r\n", StringComparison.Ordinal);
    }

    private static string WithoutContinue(string answer) =>
        answer.StartsWith("HTTP/1.1 100 ", StringComparison.Ordinal) && answer.Contains(Blank, StringComparison.Ordinal)
            ? Body(answer)
            : answer;

    private static async Task<int> TryAsync(Func<Task<int>> work)
    {
        try
        {
            return await work();
        }
        catch (SocketException)
        {
            return 0;
        }
    }
}
