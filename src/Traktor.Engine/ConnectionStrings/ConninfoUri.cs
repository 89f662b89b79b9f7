using System.Text;

namespace Traktor.Engine.ConnectionStrings;

/// <summary>
/// Parses the URI form of a connection string:
/// <c>postgresql://user:password@host1:port1,[::1]:port2/dbname?keyword=value&amp;…</c>. See
/// <see href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS"/>.
/// </summary>
internal static class ConninfoUri
{
    private static readonly string[] Schemes = ["postgresql://", "postgres://"];
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static bool IsUri(string text) => Schemes.Any(scheme => text.StartsWith(scheme, StringComparison.Ordinal));

    public static List<KeyValuePair<string, string>> Parse(string text)
    {
        var rest = text[Schemes.First(scheme => text.StartsWith(scheme, StringComparison.Ordinal)).Length..];
        if (rest.Any(c => c is ' ' or (>= '\t' and <= '\r')))
            throw Malformed("contains a blank", "Write a blank as %20.");

        var pairs = new List<KeyValuePair<string, string>>();
        var userEnd = rest.AsSpan().IndexOfAny('@', '/');
        if (userEnd >= 0 && rest[userEnd] == '@')
        {
            User(rest[..userEnd], pairs);
            rest = rest[(userEnd + 1)..];
        }

        var hostsEnd = rest.AsSpan().IndexOfAny('/', '?');
        Hosts(hostsEnd < 0 ? rest : rest[..hostsEnd], pairs);
        if (hostsEnd < 0)
            return pairs;

        var question = rest.IndexOf('?', hostsEnd);
        var path = question < 0 ? rest[hostsEnd..] : rest[hostsEnd..question];
        if (path.Length > 1)
            pairs.Add(new("dbname", Decode(path[1..])));
        if (question >= 0)
            Parameters(rest[(question + 1)..], pairs);
        return pairs;
    }

    private static void User(string text, List<KeyValuePair<string, string>> pairs)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        pairs.Add(new("user", Decode(colon < 0 ? text : text[..colon])));
        if (colon >= 0)
            pairs.Add(new("password", Decode(text[(colon + 1)..])));
    }

    private static void Hosts(string text, List<KeyValuePair<string, string>> pairs)
    {
        var hosts = new List<string>();
        var ports = new List<string>();
        foreach (var one in text.Split(','))
        {
            var hostEnd = one.IndexOf(':', StringComparison.Ordinal);
            var host = hostEnd < 0 ? one : one[..hostEnd];
            if (one.StartsWith('['))
            {
                var close = one.IndexOf(']', StringComparison.Ordinal);
                if (close < 2)
                    throw Malformed(
                        "has a '[' without an IPv6 address and a ']' after it",
                        "Write an IPv6 host like this: postgresql://user@[::1]:5432/dbname."
                    );
                host = one[1..close];
                hostEnd = close + 1 < one.Length ? close + 1 : -1;
                if (hostEnd >= 0 && one[hostEnd] != ':')
                    throw Malformed(
                        "has something other than a port after an IPv6 address",
                        "The ']' must be followed by ':' and a port, '/', '?', ',' or the end."
                    );
            }

            hosts.Add(Decode(host));
            ports.Add(hostEnd < 0 ? "" : Decode(one[(hostEnd + 1)..]));
        }

        pairs.Add(new("host", string.Join(',', hosts)));
        pairs.Add(new("port", ports.All(port => port.Length == 0) ? "" : string.Join(',', ports)));
    }

    private static void Parameters(string text, List<KeyValuePair<string, string>> pairs)
    {
        foreach (var parameter in text.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = parameter.Split('=');
            if (parts.Length != 2)
                throw Malformed(
                    parts.Length < 2 ? "has a parameter without '='" : "has a parameter with more than one '='",
                    "Write ?keyword=value&keyword=value, and '=' inside a value as %3D."
                );
            var (keyword, value) = (Decode(parts[0]), Decode(parts[1]));

            // ssl=true is JDBC's spelling.
            pairs.Add(keyword == "ssl" && value == "true" ? new("sslmode", "require") : new(keyword, value));
        }
    }

    private static string Decode(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal))
            return text;
        var bytes = new List<byte>();
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '%')
            {
                var length = char.IsHighSurrogate(text[at]) ? 2 : 1;
                bytes.AddRange(Encoding.UTF8.GetBytes(text.Substring(at, length)));
                at += length - 1;
            }
            else if (at + 2 < text.Length && char.IsAsciiHexDigit(text[at + 1]) && char.IsAsciiHexDigit(text[at + 2]))
            {
                bytes.Add(Convert.FromHexString(text.AsSpan(at + 1, 2))[0]);
                at += 2;
            }
            else
            {
                throw Malformed("has a '%' that is not followed by two hexadecimal digits", "Write a percent sign as %25.");
            }
        }

        try
        {
            return Strict.GetString([.. bytes]);
        }
        catch (DecoderFallbackException)
        {
            throw Malformed("has percent-encoded bytes that are not UTF-8", "Encode the UTF-8 bytes of each character.");
        }
    }

    private static RefusedException Malformed(string what, string hint) => RefusedException.Malformed($"The connection URI {what}.", hint);
}
