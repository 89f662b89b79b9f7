namespace Traktor.Web.Configuration;

/// <summary>What a line of an ini file is.</summary>
internal enum IniLineKind
{
    /// <summary>The header of a section.</summary>
    Section,

    /// <summary>A key with its value.</summary>
    Value,

    /// <summary>Something else: it has no <c>=</c>.</summary>
    Malformed,
}

/// <summary>A line of an ini file that is not empty.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Section">The section that it begins or belongs to; null before the first.</param>
/// <param name="Key">The key; null where there is none.</param>
/// <param name="Value">The value.</param>
/// <param name="Text">The line as it is in the file; never show it, it may contain a secret.</param>
internal sealed record IniLine(int Number, IniLineKind Kind, string? Section, string? Key, string Value, string Text)
{
    public override string ToString() => $"line {Number}";
}
