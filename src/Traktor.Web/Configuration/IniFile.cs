using System.Globalization;
using System.Text;
using Traktor.Engine.Postgres;

namespace Traktor.Web.Configuration;

/// <summary>
/// The sections <c>[DEFAULT]</c> and <c>[PEERS]</c> of <c>arbiter.ini</c>. The framework's reader takes the file apart,
/// but stops at the first line that it does not like and repeats it, secrets included; so the lines are looked at
/// first, and only the good ones are passed on.
/// </summary>
internal static class IniFile
{
    private const string Section = "DEFAULT";
    private const string PeersSection = "PEERS";

    // May hold '#' and ';', so these values end at the end of their line.
    private static readonly string[] WholeLine = ["ConnectionString", "APIKey", "ReadOnlyAPIKey"];

    /// <summary>
    /// The values by key, keys being equal in upper and lower case, and the API keys of peers by NodeID; what is wrong
    /// with the file is added to <paramref name="errors"/>.
    /// </summary>
    public static (Dictionary<string, string> Values, Dictionary<int, string> PeerKeys) Read(string path, List<string> errors)
    {
        var good = GoodLines(Lines(path, errors), errors);
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', good)));
        var file = new ConfigurationBuilder().AddIniStream(stream).Build();
        return (
            file.GetSection(Section)
                .GetChildren()
                .ToDictionary(entry => entry.Key, entry => WithoutComment(entry.Key, entry.Value ?? ""), StringComparer.OrdinalIgnoreCase),
            file.GetSection(PeersSection)
                .GetChildren()
                .Select(entry => (Node: entry.Key, Key: WithoutComment(WholeLine[1], entry.Value ?? "")))
                .Where(peer => peer.Key.Length > 0)
                .ToDictionary(peer => int.Parse(peer.Node, CultureInfo.InvariantCulture), peer => peer.Key)
        );
    }

    private static string[] Lines(string path, List<string> errors)
    {
        try
        {
            var text = File.ReadAllText(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
            return text.Split('\n');
        }
        catch (DecoderFallbackException)
        {
            errors.Add("The file is not UTF-8 text; save it as UTF-8.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            errors.Add("The file does not exist. Copy the sample arbiter.ini there, or name another file with --config.");
        }
        catch (ArgumentException)
        {
            errors.Add("This is no path of a file; name one, for instance with --config arbiter.ini.");
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            errors.Add(
                Directory.Exists(path)
                    ? "This is a directory; name the file in it, for instance with --config arbiter.ini."
                    : "The file cannot be read; check its permissions."
            );
        }

        throw new ConfigurationException(path, errors);
    }

    private static IEnumerable<string> GoodLines(string[] lines, List<string> errors)
    {
        var seen = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var peers = new Dictionary<string, int>(StringComparer.Ordinal);
        string? section = null;
        for (var number = 1; number <= lines.Length; number++)
        {
            var line = lines[number - 1].Trim();
            if (line.Length == 0 || line[0] is '#' or ';' or '/')
                continue;
            if (line.StartsWith('[') && line.EndsWith(']'))
            {
                section = line[1..^1].Trim();
                if (!Is(section, Section) && !Is(section, PeersSection))
                    errors.Add($"Line {number}: only the sections [{Section}] and [{PeersSection}] are known; move its keys there.");
                yield return line;
            }
            else if (section is null)
            {
                errors.Add($"Line {number}: stands before the first section; begin the file with [{Section}].");
                yield break;
            }
            else if (
                (Is(section, Section) && IsGood(line, number, lines[number - 1], seen, errors))
                || (Is(section, PeersSection) && IsGoodPeer(line, number, peers, errors))
            )
            {
                yield return line;
            }
        }
    }

    private static bool Is(string section, string name) => section.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static bool IsGoodPeer(string line, int number, Dictionary<string, int> seen, List<string> errors)
    {
        var node = line.Split('=')[0].Trim();
        if (
            node.Length == line.Length
            || !short.TryParse(node, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            || node != id.ToString(CultureInfo.InvariantCulture)
        )
            errors.Add($"Line {number}: in [{PeersSection}] every line is NodeID = API key of that node's arbiter, for instance 1 = …");
        else if (!seen.TryAdd(node, number))
            errors.Add($"[{PeersSection}] {node}: is set in line {seen[node]} and again in line {number}; keep one of them.");
        else
            return true;
        return false;
    }

    private static bool IsGood(string line, int number, string indented, Dictionary<string, int> seen, List<string> errors)
    {
        var key = line.Split('=')[0].Trim();
        if (key.Length == line.Length)
            errors.Add($"Line {number}: has no '='; write Key = value, on one line.");
        else if (!ConfigurationReader.Keys.Contains(key, StringComparer.OrdinalIgnoreCase))
            errors.Add(Unknown(key, number, indented));
        else if (!seen.TryAdd(key, number))
            errors.Add($"{key}: is set in line {seen[key]} and again in line {number}; keep one of them.");
        else
            return true;
        return false;
    }

    private static string Unknown(string key, int number, string indented)
    {
        if (char.IsWhiteSpace(indented[0]))
            return $"Line {number}: is indented and begins with no known key; a value has to end on the line it begins on.";
        if (key.Length is 0 or > 40 || !key.All(char.IsAsciiLetterOrDigit))
            return $"Line {number}: what stands before the '=' is no key. Known are: {string.Join(", ", ConfigurationReader.Keys)}.";
        return NearestWord.To(key, ConfigurationReader.Keys) is { } nearest
            ? $"{key}: is no known key (line {number}); {nearest} is probably meant."
            : $"{key}: is no known key (line {number}). Known are: {string.Join(", ", ConfigurationReader.Keys)}.";
    }

    private static string WithoutComment(string key, string value)
    {
        var whole = WholeLine.Contains(key, StringComparer.OrdinalIgnoreCase);
        for (var at = 0; at < value.Length; at++)
        {
            if (
                value[at] is '#' or ';'
                && (at == 0 ? !whole || value.StartsWith("# ", StringComparison.Ordinal) : !whole && char.IsWhiteSpace(value[at - 1]))
            )
                return value[..at].TrimEnd();
        }

        return value;
    }
}
