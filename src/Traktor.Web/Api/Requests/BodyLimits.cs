using System.Globalization;
using Microsoft.AspNetCore.Mvc;

namespace Traktor.Web.Api.Requests;

/// <summary>How large a body may be, in bytes.</summary>
internal static class BodyLimits
{
    /// <summary>Of most calls.</summary>
    public const int Usual = 64 * 1024;

    /// <summary>Of calls that take a row: it may hold long values.</summary>
    public static RequestSizeLimitAttribute ForRows { get; } = new(16 * 1024 * 1024);

    /// <summary>The sentence for a body that is larger.</summary>
    public static string Sentence(long? limit) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"The body is larger than {((limit ?? Usual) is >= 1024 * 1024 and var bytes ? $"{bytes / 1024 / 1024} MB" : $"{(limit ?? Usual) / 1024} kB")}."
        );
}
