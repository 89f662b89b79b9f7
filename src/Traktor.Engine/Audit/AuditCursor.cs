using System.Globalization;

namespace Traktor.Engine.Audit;

/// <summary>The last entry of a page, after which the next one begins.</summary>
/// <param name="At">When it was written.</param>
/// <param name="Node">Its node.</param>
/// <param name="Number">Its number.</param>
public sealed record AuditCursor(DateTimeOffset At, int Node, long Number)
{
    /// <summary>Reads <see cref="ToString"/>; null when it is none.</summary>
    public static AuditCursor? Parse(string text) =>
        text.Split('-') is [var micros, var node, var number]
        && long.TryParse(micros, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
        && at <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() * 1000
        && int.TryParse(node, NumberStyles.None, CultureInfo.InvariantCulture, out var which)
        && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var entry)
            ? new AuditCursor(DateTimeOffset.UnixEpoch.AddTicks(at * TimeSpan.TicksPerMicrosecond), which, entry)
            : null;

    /// <summary>Microseconds since 1970, node and number, with minus signs between them.</summary>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{(At.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond}-{Node}-{Number}"
        );
}
