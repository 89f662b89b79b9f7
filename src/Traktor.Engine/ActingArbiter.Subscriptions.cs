using Traktor.Engine.Access;
using Traktor.Engine.Subscriptions;
using Traktor.Engine.Subscriptions.Observation;

namespace Traktor.Engine;

public sealed partial class ActingArbiter
{
    private static readonly TimeSpan FirstCheckTimeout = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Subscribes to a peer, or changes the connection string of an existing subscription. Returns whether it was
    /// created.
    /// </summary>
    public Task<bool> SubscribeAsync(int inboundNode, string connectionString, CancellationToken cancel) =>
        RunAsync(
            ArbiterAction.Subscribe,
            Named(inboundNode),
            _ => SubscriptionAsync(inboundNode),
            async () =>
            {
                var isCreated = await arbiter.control.SubscribeAsync(inboundNode, connectionString, cancel);
                await arbiter.ThenLookAsync(isCreated, cancel);
                await arbiter.workers.CheckNowAsync(inboundNode, FirstCheckTimeout, cancel);
                return await arbiter.ThenLookAsync(isCreated, cancel);
            }
        );

    /// <summary>Reports where a connection string leads to; changes nothing.</summary>
    public Task<ProbeReport> ProbeAsync(string connectionString, CancellationToken cancel) =>
        RunAsync(ArbiterAction.Probe, null, null, () => arbiter.probe.ProbeAsync(connectionString, cancel));

    /// <summary>
    /// Removes a subscription. Returns what is left on an unreachable peer; it is removed when the peer is back.
    /// </summary>
    public Task<IReadOnlyList<string>> UnsubscribeAsync(int inboundNode, CancellationToken cancel) =>
        RunAsync(
            ArbiterAction.Unsubscribe,
            Named(inboundNode),
            _ => SubscriptionAsync(inboundNode),
            async () =>
            {
                using var held = await arbiter.healing.PauseAsync(inboundNode, cancel);
                return await arbiter.ThenLookAsync(await arbiter.control.UnsubscribeAsync(inboundNode, cancel), cancel);
            }
        );

    /// <summary>Pauses applying from a peer until an operator resumes it.</summary>
    public Task<SubscriptionStatus> PauseAsync(int inboundNode, CancellationToken cancel) =>
        RunAsync(
            ArbiterAction.Pause,
            Named(inboundNode),
            _ => SubscriptionAsync(inboundNode),
            async () =>
            {
                using var held = await arbiter.healing.PauseAsync(inboundNode, cancel);
                await arbiter.control.PauseAsync(inboundNode, cancel);
                await arbiter.healing.ForgetAsync(inboundNode, cancel);
                return await FindAsync(inboundNode, cancel);
            }
        );

    /// <summary>Resumes applying, also when the subscription was disabled by an SQL statement.</summary>
    public Task<SubscriptionStatus> ResumeAsync(int inboundNode, CancellationToken cancel) =>
        RunAsync(
            ArbiterAction.Resume,
            Named(inboundNode),
            _ => SubscriptionAsync(inboundNode),
            async () =>
            {
                await arbiter.joinStore.RequireOverAsync(cancel);
                using var held = await arbiter.healing.PauseAsync(inboundNode, cancel);
                await arbiter.healing.ForgetAsync(inboundNode, cancel);
                await arbiter.control.ResumeAsync(inboundNode, cancel);
                return await FindAsync(inboundNode, cancel);
            }
        );

    /// <summary>Subscribes anew to a peer whose stream cannot go on, by the connection string that is known.</summary>
    public Task<SubscriptionStatus> RenewAsync(int inboundNode, CancellationToken cancel) =>
        RunAsync(
            ArbiterAction.Renew,
            Named(inboundNode),
            _ => SubscriptionAsync(inboundNode),
            async () =>
            {
                using var held = await arbiter.healing.PauseAsync(inboundNode, cancel);
                await arbiter.control.RenewAsync(inboundNode, cancel);
                await arbiter.healing.ForgetAsync(inboundNode, cancel);
                await arbiter.ThenLookAsync(true, cancel);
                await arbiter.workers.CheckNowAsync(inboundNode, FirstCheckTimeout, cancel);
                return await FindAsync(inboundNode, cancel);
            }
        );

    /// <summary>A subscription as the audit log has it, from memory; null when there is none.</summary>
    private Task<object?> SubscriptionAsync(int inboundNode) =>
        Task.FromResult<object?>(
            arbiter.Subscriptions.FirstOrDefault(subscription => subscription.InboundNode == inboundNode) is { } found
                ? new { found.State, found.ConnectionString }
                : null
        );

    private async Task<SubscriptionStatus> FindAsync(int inboundNode, CancellationToken cancel)
    {
        await arbiter.node.LookAsync(cancel);
        return arbiter.Subscriptions.FirstOrDefault(subscription => subscription.InboundNode == inboundNode)
            ?? throw RefusedException.NotFound($"Node {arbiter.Settings.NodeId} has no subscription from node {inboundNode}.");
    }
}
