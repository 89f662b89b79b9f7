using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Traktor.E2ETests.Fuzzing;

/// <summary>Values that software tends to stumble over, drawn from <c>Hostile.txt</c> or made.</summary>
/// <param name="random">The seed's dice.</param>
/// <param name="serverPort">Where this node's own PostgreSQL listens.</param>
internal sealed class HostileValues(Random random, int serverPort)
{
    /// <summary>Nobody may ever see it.</summary>
    public const string Secret = "Pa55-that-nobody-may-see";

    private static readonly Dictionary<string, string[]> Sections = ReadSections();

    /// <summary>A value of a section of <c>Hostile.txt</c>.</summary>
    public string Any(string section) => Pick(Sections[section]);

    public string Text() =>
        random.Next(10) switch
        {
            0 => new string('a', random.Next(5000)),
            1 => "public." + new string('ü', random.Next(200)),
            2 => new string('"', random.Next(60)),
            _ => Any("texts"),
        };

    /// <summary>A table that is there, one that is not, or no name.</summary>
    public string Table() => random.Next(3) == 0 ? Text() : Any("tables");

    public string Number() => random.Next(8) == 0 ? Text() : Any("numbers");

    /// <summary>JSON that fits nothing in particular, and text that is no JSON.</summary>
    public string Json() =>
        random.Next(12) switch
        {
            0 => new string('[', random.Next(2000)),
            1 => $"\"{new string('x', random.Next(9000))}\"",
            2 => string.Concat(Enumerable.Repeat("{\"a\":", 70)) + "1" + new string('}', 70),
            _ => Any("json"),
        };

    /// <summary>
    /// A connection string. None leads to a node that could become a peer, and none to a server that has to be waited
    /// for: ports are closed, or this node's own.
    /// </summary>
    public string ConnectionString()
    {
        var port = random.Next(3) == 0 ? serverPort : 1;
        var host = Any("hosts");
        var more = Any("settings of a connection string");
        return random.Next(7) switch
        {
            0 => Text(),
            1 => $"postgresql://fuzz:{Secret}@{Uri.EscapeDataString(host)}:{port}/none?{more.Replace(' ', '&')}",
            2 => $"host={host} port={Number()} user=fuzz password={Secret} {Text()}",
            3 => $"host=127.0.0.1 port={port} password={Secret} user={new string('u', random.Next(4000))} {more}",
            4 => $"host={string.Join('.', Enumerable.Repeat(new string('b', 60), random.Next(1, 8)))} user=fuzz password={Secret} {more}",
            _ => string.Create(CultureInfo.InvariantCulture, $"host={host} port={port} user=fuzz password={Secret} dbname=none {more}"),
        };
    }

    /// <summary>Percent-encoded, as it should be or not.</summary>
    public string Encoded(string text) =>
        random.Next(12) switch
        {
            0 => Latin1(text),
            1 => Uri.EscapeDataString(Uri.EscapeDataString(text)),
            2 => Uri.EscapeDataString(text) + Any("broken escapes"),
            _ => Uri.EscapeDataString(text),
        };

    /// <summary>UTF-8 as the characters by which a message is written.</summary>
    public static string Latin1(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    public T Pick<T>(IReadOnlyList<T> values) => values[random.Next(values.Count)];

    private static Dictionary<string, string[]> ReadSections()
    {
        using var stream = typeof(HostileValues).Assembly.GetManifestResourceStream("Hostile.txt")!;
        using var reader = new StreamReader(stream);
        return reader
            .ReadToEnd()
            .Split("## ")
            .Skip(1)
            .Select(section => section.Split('\n'))
            .ToDictionary(
                lines => lines[0].Split(':')[0],
                lines => lines[1..].Where(line => line.Length > 0).Select(line => line == "(empty)" ? "" : Regex.Unescape(line)).ToArray()
            );
    }
}
