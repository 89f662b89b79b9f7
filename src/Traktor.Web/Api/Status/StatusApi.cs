using Traktor.Engine;

namespace Traktor.Web.Api.Status;

/// <summary>This node at a glance.</summary>
internal static class StatusApi
{
    public static void MapStatus(this RouteGroupBuilder arbiter) => arbiter.MapGet("/status", Status).WithName("Status").WithTags("Node");

    /// <summary>This node's status</summary>
    /// <remarks>Answered from memory: it never waits for PostgreSQL, also when that is down.</remarks>
    /// <response code="200">The status as of as_of.</response>
    internal static StatusResult Status(Arbiter arbiter, StatusPage page) => new(page.Of(arbiter.Status));
}
