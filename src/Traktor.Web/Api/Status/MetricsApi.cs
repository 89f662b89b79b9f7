using Traktor.Engine;
using Traktor.Web.Security.Keys;

namespace Traktor.Web.Api.Status;

/// <summary>Metrics for Prometheus.</summary>
internal static class MetricsApi
{
    public static void MapMetrics(this IEndpointRouteBuilder app) =>
        app.MapGet("/metrics", Metrics)
            .WithName("Metrics")
            .WithTags("Operations")
            .WithMetadata(NeedsApiKey.Instance)
            .Produces<string>(StatusCodes.Status200OK, "text/plain");

    /// <summary>Metrics</summary>
    /// <remarks>In Prometheus' text format, from memory.</remarks>
    /// <response code="200">The metrics.</response>
    internal static IResult Metrics(Arbiter arbiter) =>
        Results.Text(MetricsPage.Render(arbiter.Status, arbiter.Subscriptions), MetricsPage.ContentType);
}
