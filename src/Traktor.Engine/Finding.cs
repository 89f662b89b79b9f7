namespace Traktor.Engine;

/// <summary>How severe a finding is.</summary>
public enum Severity
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Works, and could be better.</summary>
    Info,

    /// <summary>Works, but with a loss, or with problems later.</summary>
    Warning,

    /// <summary>Does not work until it is fixed.</summary>
    Error,
}

/// <summary>One check: what was found, and how to fix it.</summary>
/// <param name="Check">Name of the check, for example <c>wal_level</c>.</param>
/// <param name="Severity">How severe it is.</param>
/// <param name="Found">What was found, in words.</param>
/// <param name="Hint">The setting or statement that fixes it; null when nothing is wrong.</param>
public sealed record Finding(string Check, Severity Severity, string Found, string? Hint = null);
