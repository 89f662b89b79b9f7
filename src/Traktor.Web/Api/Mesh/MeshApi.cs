using Microsoft.AspNetCore.Http.HttpResults;
using Traktor.Engine;
using Traktor.Engine.Monitoring;
using Traktor.Web.Contracts.Tables;

namespace Traktor.Web.Api.Mesh;

/// <summary>The mesh as this node sees it, and what is wrong with the servers' settings.</summary>
internal static class MeshApi
{
    public static void MapMesh(this RouteGroupBuilder arbiter)
    {
        arbiter.MapGet("/cluster", ClusterAsync).WithName("Cluster").WithTags("Mesh");
        arbiter.MapGet("/catalog", CatalogAsync).WithName("Catalog").WithTags("Replicaset");
        arbiter.MapGet("/preflight", PreflightAsync).WithName("Preflight").WithTags("Mesh");
    }

    /// <summary>The mesh as this node sees it</summary>
    /// <response code="200">The nodes it knows, what it receives and who receives from it.</response>
    internal static async Task<Ok<MeshStatus>> ClusterAsync(Arbiter arbiter, CancellationToken cancel) =>
        TypedResults.Ok(await arbiter.MeshAsync(cancel));

    /// <summary>The tables that could be replicated</summary>
    /// <remarks>Every table of the database but PostgreSQL's and Traktor's own; partitions are part of their partitioned table.</remarks>
    /// <response code="200">The tables, ordered by name, with where each stands and what stands in the way of replicating it.</response>
    internal static async Task<Ok<CatalogAnswer>> CatalogAsync(Arbiter arbiter, CancellationToken cancel) =>
        TypedResults.Ok(new CatalogAnswer(arbiter.Settings.NodeId, await arbiter.CatalogAsync(cancel)));

    /// <summary>Check the server's settings</summary>
    /// <remarks>Settings, privileges, versions and clocks: each with what was found and what to set.</remarks>
    /// <response code="200">The findings, good ones too; is_ready is false when one of them is an error.</response>
    internal static async Task<Ok<PreflightReport>> PreflightAsync(Arbiter arbiter, CancellationToken cancel) =>
        TypedResults.Ok(await arbiter.PreflightAsync(cancel));
}
