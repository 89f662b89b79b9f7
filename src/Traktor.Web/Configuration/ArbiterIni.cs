using System.Text;
using Traktor.Engine.Postgres;

namespace Traktor.Web.Configuration;

/// <summary>The section <c>[DEFAULT]</c> of <c>arbiter.ini</c>, checked line by line.</summary>
internal sealed class ArbiterIni
{
    private const string Default = "DEFAULT";
    private const string Peers = "PEERS";

    // These values may contain '#' and ';': they end at the end of the line.
    private static readonly string[] WholeLine = ["ConnectionString", "APIKey", "ReadOnlyAPIKey", "OIDCClientSecret"];

    private readonly List<string> errors;
    private readonly Dictionary<string, int> lines = new(StringComparer.OrdinalIgnoreCase);

    private ArbiterIni(List<string> errors) => this.errors = errors;

    /// <summary>The values by key; keys are not case-sensitive.</summary>
    public Dictionary<string, string> Values { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads a file; its errors are added to <paramref name="errors"/>.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read.</exception>
    public static ArbiterIni Read(string path, List<string> errors)
    {
        var ini = new ArbiterIni(errors);
        foreach (var line in IniFile.Lines(Text(path, errors)))
        {
            if (line.Section is null)
            {
                errors.Add($"Line {line.Number}: is before the first section; begin the file with [{Default}].");
                break;
            }

            ini.Take(line, line.Section);
        }

        return ini;
    }

    private static string Text(string path, List<string> errors)
    {
        try
        {
            return File.ReadAllText(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
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
            errors.Add("The path is not valid; name a file, for instance with --config arbiter.ini.");
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            errors.Add(
                Directory.Exists(path)
                    ? "The path is a directory; name the file in it, for instance with --config arbiter.ini."
                    : "The file cannot be read; check its permissions."
            );
        }

        throw new ConfigurationException(path, errors);
    }

    private void Take(IniLine line, string section)
    {
        if (section.Equals(Default, StringComparison.OrdinalIgnoreCase))
            TakeValue(line);
        else if (line.Kind == IniLineKind.Section)
            errors.Add(
                section.Equals(Peers, StringComparison.OrdinalIgnoreCase)
                    ? $"Line {line.Number}: arbiters have keys of their own for one another; remove the section [{Peers}] with its lines."
                    : $"Line {line.Number}: unknown section; the only section is [{Default}]."
            );
    }

    private void TakeValue(IniLine line)
    {
        if (line.Kind == IniLineKind.Malformed)
            errors.Add($"Line {line.Number}: has no '='; write Key = value, on one line.");
        else if (line.Key is { } key && !ConfigurationReader.Keys.Contains(key, StringComparer.OrdinalIgnoreCase))
            errors.Add(Unknown(key, line));
        else if (line.Key is { } known && IsFirst(known, line.Number))
            Values[known] = WithoutComment(known, line.Value);
    }

    private bool IsFirst(string key, int number)
    {
        if (lines.TryAdd(key, number))
            return true;
        errors.Add($"{key}: is set in line {lines[key]} and again in line {number}; keep one of them.");
        return false;
    }

    private static string Unknown(string key, IniLine line)
    {
        if (char.IsWhiteSpace(line.Text[0]))
            return $"Line {line.Number}: is indented and does not begin with a key; a value must be on one line.";
        if (key.Length is 0 or > 40 || !key.All(char.IsAsciiLetterOrDigit))
            return $"Line {line.Number}: the text before '=' is not a key. The keys are: {string.Join(", ", ConfigurationReader.Keys)}.";
        return NearestWord.To(key, ConfigurationReader.Keys) is { } nearest
            ? $"{key}: is not a key (line {line.Number}). Did you mean {nearest}?"
            : $"{key}: is not a key (line {line.Number}). The keys are: {string.Join(", ", ConfigurationReader.Keys)}.";
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
