using System.Globalization;
using System.Text;

namespace Traktor.E2ETests.Fuzzing;

/// <summary>A request in the making: well-formed at first, then broken part by part.</summary>
/// <param name="number">Which of the seed's requests it is.</param>
/// <param name="route">The call that it began as.</param>
internal sealed class HostileRequest(int number, ApiRoute route)
{
    public const string Key = "X-API-KEY";

    public int Number { get; } = number;

    public ApiRoute Route { get; } = route;

    public string Method { get; set; } = route.Method;

    public string Path { get; set; } = "/";

    /// <summary>With its question mark.</summary>
    public string Query { get; set; } = "";

    public string Version { get; set; } = "HTTP/1.1";

    public List<(string Name, string Value)> Headers { get; } = [];

    /// <summary>As it is sent, framing included; null for none.</summary>
    public byte[]? Body { get; set; }

    /// <summary>Whether the headers give the body's length already, rightly or wrongly.</summary>
    public bool IsFramed { get; set; }

    /// <summary>The whole message, where it is not made of these parts.</summary>
    public string? Raw { get; set; }

    /// <summary>What was done to it.</summary>
    public List<string> Breaks { get; } = [];

    /// <summary>Whether its answer has no body.</summary>
    public bool IsHead => (Raw ?? Method).StartsWith("HEAD", StringComparison.Ordinal);

    public void Set(string name, string value)
    {
        Headers.RemoveAll(header => header.Name == name);
        Headers.Add((name, value));
    }

    public byte[] ToBytes()
    {
        if (Raw is not null)
            return Encoding.Latin1.GetBytes(Raw);
        var head = new StringBuilder($"{Method} {Path}{Query} {Version}\r\n");
        foreach (var (name, value) in Headers)
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        if (Body is not null && !IsFramed)
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {Body.Length}\r\n");
        return [.. Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), .. Body ?? []];
    }

    /// <summary>For a failure's text: printable and cut.</summary>
    public override string ToString()
    {
        var bytes = ToBytes();
        var text = Printed(Encoding.Latin1.GetString(bytes));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"request {Number}, from {Route.Name} ({string.Join(", ", Breaks)}), {bytes.Length} bytes:\n{text}"
        );
    }

    public static string Printed(string text)
    {
        const int Longest = 1500;
        var shown = new StringBuilder();
        foreach (var c in text.Length > Longest ? text[..Longest] + "…" : text)
            if (c is '\n' or '…' or (>= ' ' and <= '~'))
                shown.Append(c);
            else if (c != '\r')
                shown.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}");
        return shown.ToString();
    }
}
