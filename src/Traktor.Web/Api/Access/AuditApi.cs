using Microsoft.AspNetCore.Http.HttpResults;
using Traktor.Engine;
using Traktor.Engine.Audit;
using Traktor.Web.Api.Requests;
using Traktor.Web.Contracts.Access;

namespace Traktor.Web.Api.Access;

/// <summary>The audit log.</summary>
internal static class AuditApi
{
    public static void MapAudit(this RouteGroupBuilder arbiter)
    {
        var audit = arbiter.MapGroup("/audit").WithTags("Access");
        audit.MapGet("", ListAsync).WithName("ListAudit");
        audit.MapGet("/verification", VerifyAsync).WithName("VerifyAudit");
        audit.MapGet("/export", AuditExport.WriteAsync).WithName("AuditExport").Produces<string>(StatusCodes.Status200OK, "text/csv");
    }

    /// <summary>List the audit log</summary>
    /// <remarks>
    /// Newest first: who changed what, on all nodes, as far as the entries have arrived. Pass next of a page as before
    /// to read the next page. Needs the role admin.
    /// </remarks>
    /// <response code="200">A page of entries; next is null on the last.</response>
    internal static async Task<Ok<AuditAnswer>> ListAsync(
        Arbiter arbiter,
        Caller caller,
        [AsParameters] AuditQuery query,
        CancellationToken cancel
    ) => TypedResults.Ok(AuditAnswer.Of(await arbiter.As(caller.Actor).AuditAsync(query.ToFilter(), cancel)));

    /// <summary>Verify the audit log</summary>
    /// <remarks>
    /// Computes the hash of every entry that this node has, its own and its copies of the other nodes', compares the
    /// ends with what the other nodes have, and reports what was changed, removed, added or cut off. Needs the role
    /// admin.
    /// </remarks>
    /// <response code="200">What was found of each chain.</response>
    internal static async Task<Ok<AuditReport>> VerifyAsync(
        Arbiter arbiter,
        Caller caller,
        [AsParameters] AuditVerificationQuery query,
        CancellationToken cancel
    ) => TypedResults.Ok(await arbiter.As(caller.Actor).VerifyAuditAsync(query.WithOthers(), cancel));
}
