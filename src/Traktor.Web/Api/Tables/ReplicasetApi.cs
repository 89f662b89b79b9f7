using Microsoft.AspNetCore.Http.HttpResults;
using Traktor.Engine;
using Traktor.Engine.Replicasets;
using Traktor.Web.Api.Requests;
using Traktor.Web.Contracts.Tables;

namespace Traktor.Web.Api.Tables;

/// <summary>The tables that this node replicates: staged first, then committed.</summary>
internal static class ReplicasetApi
{
    public static void MapReplicaset(this RouteGroupBuilder arbiter)
    {
        var replicaset = arbiter.MapGroup("/replicaset").WithTags("Replicaset");
        replicaset.MapGet("/status", StatusAsync).WithName("ReplicasetStatus");
        replicaset.MapPatch("", CommitAsync).WithName("CommitReplicaset");
        replicaset.MapPut("/{**table}", StageAddAsync).WithName("StageAdd");
        replicaset.MapDelete("/{**table}", StageRemoveAsync).WithName("StageRemove");
    }

    /// <summary>The replicaset's tables</summary>
    /// <response code="200">Every table with its state: pending-add, committed or pending-remove.</response>
    internal static async Task<Ok<ReplicasetAnswer>> StatusAsync(Arbiter arbiter, CancellationToken cancel) =>
        TypedResults.Ok(new ReplicasetAnswer(arbiter.Settings.NodeId, await arbiter.ReplicasetAsync(cancel)));

    /// <summary>Stage a table for replication</summary>
    /// <remarks>
    /// The table is replicated from the next commit on. The name is schema.table, percent-encoded in the path; a part
    /// that holds a dot or a quote stands in double quotes. If the table's removal is staged, the call cancels it.
    /// </remarks>
    /// <response code="201">The table is staged.</response>
    /// <response code="200">The table was staged or committed before.</response>
    internal static async Task<Results<Created<StageAnswer>, Ok<StageAnswer>>> StageAddAsync(
        Arbiter arbiter,
        Caller caller,
        TablePath relation,
        CancellationToken cancel
    )
    {
        var changed = await arbiter.As(caller.Actor).StageAddAsync(relation.Name, cancel);
        var answer = StageAnswer.Of(relation.Name, changed, await arbiter.ReplicasetAsync(cancel));
        return changed ? TypedResults.Created("/v1/arbiter/replicaset/status", answer) : TypedResults.Ok(answer);
    }

    /// <summary>Stage a table's removal</summary>
    /// <remarks>
    /// The table is replicated until the next commit. If the table is only staged, the call cancels that at once.
    /// </remarks>
    /// <response code="200">The removal is staged, or the staged add is cancelled (status null).</response>
    internal static async Task<Ok<StageAnswer>> StageRemoveAsync(
        Arbiter arbiter,
        Caller caller,
        TablePath relation,
        CancellationToken cancel
    )
    {
        var left = await arbiter.As(caller.Actor).StageRemoveAsync(relation.Name, cancel);
        return TypedResults.Ok(new StageAnswer(left?.Relation ?? relation.Name, true, left?.Status));
    }

    /// <summary>Commit what is staged</summary>
    /// <remarks>
    /// Opens every staged table for all peers with one commit: no row that is written after it is missing on a peer. A
    /// table that a peer is not ready for stays pending-add for all peers, and is opened by itself when the peer is
    /// ready. With force it is opened for the peers that are ready; the others are listed in needs_resync.
    /// </remarks>
    /// <param name="arbiter">The engine.</param>
    /// <param name="caller">Who calls.</param>
    /// <param name="force">Open tables for the peers that are ready, without waiting for the others.</param>
    /// <param name="cancel">The call was cancelled.</param>
    /// <response code="200">Everything is committed.</response>
    /// <response code="202">A table waits for a peer; pending says for which and why.</response>
    internal static async Task<Results<Ok<CommitReport>, Accepted<CommitReport>>> CommitAsync(
        Arbiter arbiter,
        Caller caller,
        CancellationToken cancel,
        bool force = false
    )
    {
        var report = await arbiter.As(caller.Actor).CommitAsync(force, cancel);
        return report.IsComplete ? TypedResults.Ok(report) : TypedResults.Accepted("/v1/arbiter/replicaset/status", report);
    }
}
