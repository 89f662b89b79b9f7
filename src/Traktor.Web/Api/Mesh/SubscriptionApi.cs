using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Traktor.Engine;
using Traktor.Engine.Schema;
using Traktor.Engine.Subscriptions;
using Traktor.Engine.Subscriptions.Observation;
using Traktor.Web.Api.Requests;
using Traktor.Web.Contracts.Mesh;

namespace Traktor.Web.Api.Mesh;

/// <summary>What this node receives from its peers.</summary>
internal static class SubscriptionApi
{
    private const string InboundNode = "inbound_node";

    public static void MapSubscriptions(this RouteGroupBuilder arbiter)
    {
        var subscription = arbiter.MapGroup("/subscription").WithTags("Subscriptions");
        subscription.MapGet("", ListAsync).WithName("ListSubscriptions");
        subscription.MapPut("/control", SubscribeAsync).WithName("Subscribe");
        subscription.MapDelete("/control", UnsubscribeAsync).WithName("Unsubscribe");
        subscription.MapPost("/probe", ProbeAsync).WithName("ProbeSubscription");
        subscription.MapPost("/{node:int}/pause", PauseAsync).WithName("PauseSubscription");
        subscription.MapPost("/{node:int}/resume", ResumeAsync).WithName("ResumeSubscription");
        subscription.MapPost("/{node:int}/renew", RenewAsync).WithName("RenewSubscription");
    }

    /// <summary>List subscriptions</summary>
    /// <remarks>
    /// State, lag and last error of each; secrets in connection strings are masked. Answers from memory once the
    /// arbiter has read its server.
    /// </remarks>
    /// <response code="200">The subscriptions, ordered by peer.</response>
    internal static async Task<Ok<SubscriptionsAnswer>> ListAsync(Arbiter arbiter, CancellationToken cancel) =>
        TypedResults.Ok(new SubscriptionsAnswer(arbiter.Settings.NodeId, await arbiter.SubscriptionsAsync(cancel)));

    /// <summary>Receive from a peer</summary>
    /// <remarks>
    /// Creates the subscription trktr_sub_(this node)_(inbound_node) and its slot on the peer. For a subscription that
    /// exists it replaces the connection string, which must lead to the database of node inbound_node.
    /// </remarks>
    /// <response code="201">The subscription is created.</response>
    /// <response code="200">The subscription existed.</response>
    internal static async Task<Results<Created<SubscribeAnswer>, Ok<SubscribeAnswer>>> SubscribeAsync(
        Arbiter arbiter,
        Caller caller,
        JsonBody<SubscriptionRequest> body,
        CancellationToken cancel
    )
    {
        var request = body.Value;
        var created = await arbiter.As(caller.Actor).SubscribeAsync(request.InboundNode, request.ConnectionString, cancel);
        var answer = new SubscribeAnswer(
            request.InboundNode,
            ObjectNames.Subscription(arbiter.Settings.NodeId, request.InboundNode),
            created
        );
        return created ? TypedResults.Created("/v1/arbiter/subscription", answer) : TypedResults.Ok(answer);
    }

    /// <summary>Stop receiving from a peer</summary>
    /// <remarks>
    /// Drops the subscription and its slot on the peer. The peer is named in the body, or in the query as inbound_node.
    /// </remarks>
    /// <response code="200">The subscription is dropped; leftovers names what remains on a peer that cannot be
    /// reached.</response>
    internal static async Task<Ok<UnsubscribeAnswer>> UnsubscribeAsync(
        Arbiter arbiter,
        Caller caller,
        JsonBody<UnsubscribeRequest> body,
        [FromQuery(Name = InboundNode), Description("NodeID of the peer, if the body does not name it.")] string? named,
        CancellationToken cancel
    )
    {
        var node = named is null ? body.Value.InboundNode : Named(named, body.Found);
        return TypedResults.Ok(new UnsubscribeAnswer(node, await arbiter.As(caller.Actor).UnsubscribeAsync(node, cancel)));
    }

    /// <summary>Try a connection string</summary>
    /// <remarks>
    /// Connects to the database and reports which node it is, and whether this node can subscribe to it. It changes
    /// nothing.
    /// </remarks>
    /// <response code="200">A server answered; problem says why this node cannot subscribe to it, and is null when it
    /// can.</response>
    internal static async Task<Ok<ProbeReport>> ProbeAsync(
        Arbiter arbiter,
        Caller caller,
        JsonBody<ProbeRequest> body,
        CancellationToken cancel
    ) => TypedResults.Ok(await arbiter.As(caller.Actor).ProbeAsync(body.Value.ConnectionString.Trim(), cancel));

    /// <summary>Pause a subscription</summary>
    /// <remarks>The peer retains WAL for this node meanwhile; a long pause can fill its disk.</remarks>
    /// <param name="arbiter">The engine.</param>
    /// <param name="caller">Who calls.</param>
    /// <param name="node">NodeID of the peer.</param>
    /// <param name="cancel">The call was cancelled.</param>
    /// <response code="200">The subscription is paused.</response>
    internal static async Task<Ok<SubscriptionStatus>> PauseAsync(Arbiter arbiter, Caller caller, int node, CancellationToken cancel) =>
        TypedResults.Ok(await arbiter.As(caller.Actor).PauseAsync(node, cancel));

    /// <summary>Resume a subscription</summary>
    /// <remarks>Enables it, also when it was disabled by hand. It continues where it stopped.</remarks>
    /// <param name="arbiter">The engine.</param>
    /// <param name="caller">Who calls.</param>
    /// <param name="node">NodeID of the peer.</param>
    /// <param name="cancel">The call was cancelled.</param>
    /// <response code="200">The subscription is enabled.</response>
    internal static async Task<Ok<SubscriptionStatus>> ResumeAsync(Arbiter arbiter, Caller caller, int node, CancellationToken cancel) =>
        TypedResults.Ok(await arbiter.As(caller.Actor).ResumeAsync(node, cancel));

    /// <summary>Subscribe anew</summary>
    /// <remarks>
    /// The way out where a subscription is broken: its slot is lost, or its stream had a gap because a node was
    /// restored from a backup or a standby was promoted. It is made anew by the connection string that is known, and
    /// begins with what the peer writes from now on; the tables that may lack rows are on record until a comparison has
    /// proven them to be equal. Needs the role admin.
    /// </remarks>
    /// <param name="arbiter">The engine.</param>
    /// <param name="caller">Who calls.</param>
    /// <param name="node">NodeID of the peer.</param>
    /// <param name="cancel">The call was cancelled.</param>
    /// <response code="200">The subscription is new.</response>
    internal static async Task<Ok<SubscriptionStatus>> RenewAsync(Arbiter arbiter, Caller caller, int node, CancellationToken cancel) =>
        TypedResults.Ok(await arbiter.As(caller.Actor).RenewAsync(node, cancel));

    private static int Named(string query, UnsubscribeRequest? body)
    {
        if (!int.TryParse(query, NumberStyles.None, CultureInfo.InvariantCulture, out var node))
            throw RefusedException.Malformed($"{InboundNode} in the query must be a NodeID, an integer.");
        return body is null || body.InboundNode == node
            ? node
            : throw RefusedException.Malformed($"{InboundNode} differs between the query and the body.");
    }
}
