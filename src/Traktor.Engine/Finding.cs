namespace Traktor.Engine;

/// <summary>How much a finding matters.</summary>
public enum Severity
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Works, but something is lost or will hurt later.</summary>
    Warning,

    /// <summary>Does not work until it is mended.</summary>
    Error,
}

/// <summary>One thing that was looked at: what was found, and what to set or run to mend it.</summary>
/// <param name="Check">Name of the check, for instance <c>wal_level</c>.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="Found">What was found, in words.</param>
/// <param name="Hint">The setting or statement that mends it; null when there is nothing to mend.</param>
public sealed record Finding(string Check, Severity Severity, string Found, string? Hint = null);
