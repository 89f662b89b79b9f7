using Microsoft.AspNetCore.Http.HttpResults;
using Traktor.Engine;
using Traktor.Engine.Monitoring;
using Traktor.Web.Contracts.Tables;

namespace Traktor.Web.Api.Mesh;

/// <summary>The mesh as this node sees it, its tables and its preflight.</summary>
internal static class MeshApi
{
    public static void MapMesh(this RouteGroupBuilder arbiter)
    {
        arbiter.MapGet("/cluster", ClusterAsync).WithName("Cluster").WithTags("Mesh");
        arbiter.MapGet("/catalog", CatalogAsync).WithName("Catalog").WithTags("Replicaset");
        arbiter.MapGet("/preflight", PreflightAsync).WithName("Preflight").WithTags("Mesh");
    }

    /// <summary>The mesh as this node sees it</summary>
    /// <response code="200">The known nodes, what this node receives, and the peers that receive from it.</response>
    internal static async Task<Ok<MeshStatus>> ClusterAsync(Arbiter arbiter, CancellationToken cancel) =>
        TypedResults.Ok(await arbiter.MeshAsync(cancel));

    /// <summary>Catalog</summary>
    /// <remarks>
    /// Every table of the database except those of PostgreSQL and Traktor. A partition is part of its partitioned
    /// table.
    /// </remarks>
    /// <response code="200">The tables, ordered by name, each with its state and why it cannot be
    /// replicated.</response>
    internal static async Task<Ok<CatalogAnswer>> CatalogAsync(Arbiter arbiter, CancellationToken cancel) =>
        TypedResults.Ok(new CatalogAnswer(arbiter.Settings.NodeId, await arbiter.CatalogAsync(cancel)));

    /// <summary>Preflight</summary>
    /// <remarks>
    /// Checks settings, privileges, versions and clocks. It also works before the node is initialised.
    /// </remarks>
    /// <response code="200">All findings; is_ready is false when one is an error.</response>
    internal static async Task<Ok<PreflightReport>> PreflightAsync(Arbiter arbiter, CancellationToken cancel) =>
        TypedResults.Ok(await arbiter.PreflightAsync(cancel));
}
