using System.Text;
using Microsoft.Extensions.Configuration.Ini;

namespace Traktor.Web.Configuration;

/// <summary>
/// The lines of an ini file as the framework's reader understands them, sections, keys, values and quotes. It is given
/// one line at a time: of a whole file it stops at the first line that it does not like, repeats it, secrets included,
/// and tells no line numbers. Whether the file makes sense is for whoever reads the lines to say.
/// </summary>
internal static class IniFile
{
    public static IEnumerable<IniLine> Lines(string text)
    {
        var header = "";
        using var reader = new StringReader(text);
        for (var number = 1; reader.ReadLine() is { } line; number++)
        {
            if (line.Trim() is ['[', .. var section, ']'])
            {
                header = line;
                yield return new IniLine(number, IniLineKind.Section, section.Trim(), null, "", line);
            }
            else if (Parse(header, line, number) is { } found)
            {
                yield return found;
            }
        }
    }

    private static IniLine? Parse(string header, string line, int number)
    {
        var section = header.Length == 0 ? null : header.Trim()[1..^1].Trim();
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes($"{header}\n{line}"));
        try
        {
            // An empty line and a comment hold nothing.
            foreach (var (path, value) in IniStreamConfigurationProvider.Read(stream))
                return new IniLine(
                    number,
                    IniLineKind.Value,
                    section,
                    path[(section is null ? 0 : section.Length + 1)..],
                    value ?? "",
                    line
                );
            return null;
        }
        catch (FormatException)
        {
            return new IniLine(number, IniLineKind.Malformed, section, null, "", line);
        }
    }
}
