using Traktor.Engine.Subscriptions;
using Traktor.Engine.Subscriptions.Observation;

namespace Traktor.Engine;

public sealed partial class Arbiter
{
    private static readonly TimeSpan FirstCheckTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan FirstLookTimeout = TimeSpan.FromSeconds(5);

    /// <summary>This node's subscriptions, from memory, ordered by peer.</summary>
    public IReadOnlyList<SubscriptionStatus> Subscriptions => monitor.Subscriptions;

    /// <summary>
    /// The same for who asks an arbiter that has only just started: waits until the server was asked for the first
    /// time, for five seconds at most, for "none" would be wrong.
    /// </summary>
    public async Task<IReadOnlyList<SubscriptionStatus>> SubscriptionsAsync(CancellationToken cancel)
    {
        try
        {
            await node.FirstLook.WaitAsync(FirstLookTimeout, cancel);
        }
        catch (TimeoutException)
        {
            // A server that hangs: the status says so.
        }

        return Subscriptions;
    }

    /// <summary>
    /// Receives from a peer from now on; changes the connection string of a subscription that exists. Returns whether
    /// it was created.
    /// </summary>
    public async Task<bool> SubscribeAsync(int inboundNode, string connectionString, CancellationToken cancel)
    {
        var created = await ThenLookAsync(await subscriptions.SubscribeAsync(inboundNode, connectionString, cancel), cancel);
        await workers.CheckNowAsync(inboundNode, FirstCheckTimeout, cancel);
        return await ThenLookAsync(created, cancel);
    }

    /// <summary>What a connection string leads to; changes nothing.</summary>
    public Task<ProbeReport> ProbeAsync(string connectionString, CancellationToken cancel) => probe.ProbeAsync(connectionString, cancel);

    /// <summary>
    /// Ends a subscription; what is left on a peer that cannot be reached is returned, and removed when the peer is
    /// back.
    /// </summary>
    public async Task<IReadOnlyList<string>> UnsubscribeAsync(int inboundNode, CancellationToken cancel)
    {
        using var held = await healing.PauseAsync(inboundNode, cancel);
        return await ThenLookAsync(await subscriptions.UnsubscribeAsync(inboundNode, cancel), cancel);
    }

    /// <summary>Stops applying from a peer until resumed; nothing ever resumes it by itself.</summary>
    public async Task<SubscriptionStatus> PauseAsync(int inboundNode, CancellationToken cancel)
    {
        using var held = await healing.PauseAsync(inboundNode, cancel);
        await subscriptions.PauseAsync(inboundNode, cancel);
        await healing.ForgetAsync(inboundNode, cancel);
        return await FindAsync(inboundNode, cancel);
    }

    /// <summary>Applies again what has gathered, also when it was disabled by hand.</summary>
    public async Task<SubscriptionStatus> ResumeAsync(int inboundNode, CancellationToken cancel)
    {
        using var held = await healing.PauseAsync(inboundNode, cancel);
        await healing.ForgetAsync(inboundNode, cancel);
        await subscriptions.ResumeAsync(inboundNode, cancel);
        return await FindAsync(inboundNode, cancel);
    }

    private async Task<SubscriptionStatus> FindAsync(int inboundNode, CancellationToken cancel)
    {
        await node.LookAsync(cancel);
        return Subscriptions.FirstOrDefault(subscription => subscription.InboundNode == inboundNode)
            ?? throw RefusedException.NotFound($"Node {Settings.NodeId} has no subscription from node {inboundNode}.");
    }
}
