using Microsoft.AspNetCore.Http.HttpResults;
using Traktor.Engine;
using Traktor.Web.Contracts.Problems;
using Traktor.Web.Contracts.Status;

namespace Traktor.Web.Api.Status;

/// <summary>For load balancers and service managers; needs no key and reveals only the state.</summary>
internal static class HealthApi
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        var health = app.MapGroup("/health").WithTags("Operations");
        health.MapGet("/live", Live).WithName("Live");
        health.MapGet("/ready", Ready).WithName("Ready").Produces<Problem>(StatusCodes.Status503ServiceUnavailable, Problem.ContentType);
    }

    /// <summary>Liveness</summary>
    /// <response code="200">The process answers.</response>
    internal static Ok<HealthAnswer> Live() => TypedResults.Ok(new HealthAnswer("live"));

    /// <summary>Readiness</summary>
    /// <response code="200">PostgreSQL answers and the node is initialised.</response>
    /// <response code="503">PostgreSQL does not answer, or the node is not initialised.</response>
    internal static Ok<HealthAnswer> Ready(Arbiter arbiter) =>
        arbiter.Status switch
        {
            { IsReachable: false } => throw RefusedException.Unavailable("PostgreSQL does not answer this arbiter."),
            { IsInitialized: false } => throw RefusedException.Unavailable("This node is not initialised yet."),
            _ => TypedResults.Ok(new HealthAnswer("ready")),
        };
}
