using System.Text;
using Microsoft.Extensions.Configuration.Ini;

namespace Traktor.Web.Configuration;

/// <summary>
/// The lines of an ini file, parsed by the framework's reader: sections, keys, values and quotes. The reader gets one
/// line at a time, because with a whole file it stops at the first malformed line, quotes it, secrets included, and has
/// no line numbers. The caller checks the meaning of the lines.
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
            // An empty line or a comment has no value.
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
