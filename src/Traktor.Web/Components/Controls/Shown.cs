using System.Globalization;

namespace Traktor.Web.Components.Controls;

/// <summary>Formats numbers and times; an unknown value is a dash.</summary>
internal static class Shown
{
    private const string Unknown = "–";

    /// <param name="milliseconds">A length of time.</param>
    public static string Duration(double? milliseconds) =>
        milliseconds switch
        {
            null => Unknown,
            < 1 => "under 1 ms",
            < 1000 => milliseconds.Value.ToString("0", CultureInfo.InvariantCulture) + " ms",
            < 60_000 => (milliseconds.Value / 1000).ToString("0.0", CultureInfo.InvariantCulture) + " s",
            < 3_600_000 => (milliseconds.Value / 60_000).ToString("0", CultureInfo.InvariantCulture) + " min",
            _ => (milliseconds.Value / 3_600_000).ToString("0.0", CultureInfo.InvariantCulture) + " h",
        };

    /// <param name="bytes">An amount of data.</param>
    public static string Bytes(long? bytes) =>
        bytes switch
        {
            null => Unknown,
            < 1024 => bytes.Value.ToString(CultureInfo.InvariantCulture) + " B",
            < 1024 * 1024 => (bytes.Value / 1024.0).ToString("0.0", CultureInfo.InvariantCulture) + " kB",
            < 1024L * 1024 * 1024 => (bytes.Value / 1024.0 / 1024).ToString("0.0", CultureInfo.InvariantCulture) + " MB",
            _ => (bytes.Value / 1024.0 / 1024 / 1024).ToString("0.0", CultureInfo.InvariantCulture) + " GB",
        };

    /// <param name="count">A number of things.</param>
    public static string Count(int? count) => count?.ToString(CultureInfo.InvariantCulture) ?? Unknown;

    /// <param name="version">A server's version, for instance 16.14.</param>
    public static string Version(decimal? version) => version?.ToString(CultureInfo.InvariantCulture) ?? Unknown;

    /// <param name="then">A time in the past.</param>
    /// <param name="now">The present time.</param>
    public static string Ago(DateTimeOffset? then, DateTimeOffset now)
    {
        if (then is not { } time)
            return "never";
        var ago = now - time;
        return ago < TimeSpan.FromSeconds(2)
            ? "now"
            : Duration(Math.Floor(ago.TotalSeconds) * 1000).Replace(".0 s", " s", StringComparison.Ordinal) + " ago";
    }

    /// <summary>A peer's URL as a link, only if it is http or https: it comes from another machine.</summary>
    public static string? Link(string? url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            ? uri.AbsoluteUri
            : null;
}
