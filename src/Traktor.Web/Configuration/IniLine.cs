namespace Traktor.Web.Configuration;

/// <summary>What a line of an ini file is.</summary>
internal enum IniLineKind
{
    /// <summary>The head of a section.</summary>
    Section,

    /// <summary>A key with its value.</summary>
    Value,

    /// <summary>Something else: it has no <c>=</c>.</summary>
    Malformed,
}

/// <summary>A line of an ini file that holds something.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Section">The section that it begins or stands in; null before the first.</param>
/// <param name="Key">The key; null where there is none.</param>
/// <param name="Value">The value.</param>
/// <param name="Text">The line as it stands in the file; never to be repeated, it may hold a secret.</param>
internal sealed record IniLine(int Number, IniLineKind Kind, string? Section, string? Key, string Value, string Text)
{
    public override string ToString() => $"line {Number}";
}
