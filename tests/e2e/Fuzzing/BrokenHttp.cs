using System.Globalization;
using System.Text;

namespace Traktor.E2ETests.Fuzzing;

/// <summary>Messages that break HTTP itself. Each is complete enough for a server to answer at once.</summary>
internal sealed class BrokenHttp(Random random, HostileValues values)
{
    private const string Host = "Host: localhost\r\n";

    /// <summary>A message with a broken line, broken headers, or both.</summary>
    public string Message()
    {
        var line = values.Any("request lines");
        var head = random.Next(6) switch
        {
            0 => Host + "X: " + new string('x', random.Next(50_000)) + "\r\n",
            1 => Host
                + string.Concat(
                    Enumerable.Range(0, random.Next(200)).Select(i => string.Create(CultureInfo.InvariantCulture, $"X{i}: 1\r\n"))
                ),
            _ => values.Any("heads of a message"),
        };
        return $"{line}\r\n{head}Connection: close\r\n\r\n\r\n\r\n";
    }

    /// <summary>
    /// Gives a request's body a framing that is wrong, or that two servers could understand differently.
    /// </summary>
    public string Frame(HostileRequest request)
    {
        var body = request.Body ?? [];
        request.IsFramed = true;
        if (!request.Headers.Exists(header => header.Name == "Content-Type"))
            request.Set("Content-Type", "application/json");
        var isChunked = random.Next(2) == 0;
        request.Set("Transfer-Encoding", isChunked ? "chunked" : values.Any("transfer codings"));
        if (random.Next(3) == 0)
            request.Set(
                values.Pick(["Content-Length", "X-Content-Length"]),
                values.Pick([body.Length.ToString(CultureInfo.InvariantCulture), "0", "5"])
            );
        if (random.Next(8) == 0)
            request.Version = "HTTP/1.0";
        request.Body = Encoding.Latin1.GetBytes(
            values
                .Any("chunked bodies")
                .Replace("BODY", Encoding.Latin1.GetString(body), StringComparison.Ordinal)
                .Replace("SIZE", body.Length.ToString("x", CultureInfo.InvariantCulture), StringComparison.Ordinal)
        );
        return "framing";
    }
}
