using Traktor.Engine;

namespace Traktor.Web.Api.Status;

/// <summary>The status of this node.</summary>
internal static class StatusApi
{
    public static void MapStatus(this RouteGroupBuilder arbiter) => arbiter.MapGet("/status", Status).WithName("Status").WithTags("Node");

    /// <summary>This node's status</summary>
    /// <remarks>Answers from memory, also while PostgreSQL is down.</remarks>
    /// <response code="200">The status as of as_of.</response>
    internal static StatusResult Status(Arbiter arbiter, StatusPage page) => new(page.Of(arbiter.Status));
}
