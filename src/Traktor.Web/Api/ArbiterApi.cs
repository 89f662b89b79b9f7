using Traktor.Web.Api.Access;
using Traktor.Web.Api.Comparisons;
using Traktor.Web.Api.Conflicts;
using Traktor.Web.Api.Mesh;
using Traktor.Web.Api.Status;
using Traktor.Web.Api.Tables;
using Traktor.Web.Api.Tasks;
using Traktor.Web.Contracts.Problems;
using Traktor.Web.Security.Keys;

namespace Traktor.Web.Api;

/// <summary>The REST API of an arbiter, one group for all its resources.</summary>
internal static class ArbiterApi
{
    public static void MapArbiter(this IEndpointRouteBuilder app)
    {
        var arbiter = app.MapGroup("/v1/arbiter").WithMetadata(NeedsApiKey.Instance);
        foreach (var status in new[] { 400, 401, 403, 409, 422, 500, 503 })
            arbiter.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(Problem), [Problem.ContentType]));

        arbiter.MapControl();
        arbiter.MapStatus();
        arbiter.MapJoin();
        arbiter.MapSubscriptions();
        arbiter.MapReplicaset();
        arbiter.MapPolicies();
        arbiter.MapConflicts();
        arbiter.MapRows();
        arbiter.MapHistory();
        arbiter.MapMesh();
        arbiter.MapUsers();
        arbiter.MapKeys();
        arbiter.MapAudit();
        arbiter.MapTasks();
        arbiter.MapComparisons();
        arbiter.MapRowHashes();
    }
}
