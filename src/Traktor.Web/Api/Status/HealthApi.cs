using Microsoft.AspNetCore.Http.HttpResults;
using Traktor.Engine;
using Traktor.Web.Contracts.Problems;
using Traktor.Web.Contracts.Status;

namespace Traktor.Web.Api.Status;

/// <summary>For load balancers and service managers; needs no key and tells nothing but yes or no.</summary>
internal static class HealthApi
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        var health = app.MapGroup("/health").WithTags("Operations");
        health.MapGet("/live", Live).WithName("Live");
        health.MapGet("/ready", Ready).WithName("Ready").Produces<Problem>(StatusCodes.Status503ServiceUnavailable, Problem.ContentType);
    }

    /// <summary>Whether the arbiter runs</summary>
    /// <response code="200">It does.</response>
    internal static Ok<HealthAnswer> Live() => TypedResults.Ok(new HealthAnswer("live"));

    /// <summary>Whether the arbiter can work</summary>
    /// <response code="200">PostgreSQL answers and the node is initialised.</response>
    /// <response code="503">One of the two is not so.</response>
    internal static Ok<HealthAnswer> Ready(Arbiter arbiter) =>
        arbiter.Status switch
        {
            { IsReachable: false } => throw RefusedException.Unavailable("PostgreSQL does not answer this arbiter."),
            { IsInitialized: false } => throw RefusedException.Unavailable("This node is not initialised yet."),
            _ => TypedResults.Ok(new HealthAnswer("ready")),
        };
}
