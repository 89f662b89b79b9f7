using Microsoft.AspNetCore.Mvc;

namespace Traktor.Web.Api.Requests;

/// <summary>How large a body may be, in bytes.</summary>
internal static class BodyLimits
{
    /// <summary>Of most calls.</summary>
    public const int Usual = 64 * 1024;

    /// <summary>Of calls with a row, which may hold long values.</summary>
    public static RequestSizeLimitAttribute ForRows { get; } = new(16 * 1024 * 1024);

    /// <summary>The sentence for a body that is larger than a limit; null is the usual one.</summary>
    public static string Sentence(long? limit)
    {
        var kilobytes = (limit ?? Usual) / 1024;
        var size = kilobytes < 1024 ? $"{kilobytes} kB" : $"{kilobytes / 1024} MB";
        return $"The body is larger than {size}.";
    }
}
