using Traktor.Engine.Subscriptions;
using Traktor.Engine.Subscriptions.Observation;

namespace Traktor.Engine;

public sealed partial class Arbiter
{
    private static readonly TimeSpan FirstCheckTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan FirstLookTimeout = TimeSpan.FromSeconds(5);

    /// <summary>This node's subscriptions by peer, from memory.</summary>
    public IReadOnlyList<SubscriptionStatus> Subscriptions => monitor.Subscriptions;

    /// <summary>
    /// The same, but just after the start it waits for the first answer of the server, for five seconds at most,
    /// because an empty list would be wrong.
    /// </summary>
    public async Task<IReadOnlyList<SubscriptionStatus>> SubscriptionsAsync(CancellationToken cancel)
    {
        try
        {
            await node.FirstLook.WaitAsync(FirstLookTimeout, cancel);
        }
        catch (TimeoutException)
        {
            // The server hangs: the status reports that.
        }

        return Subscriptions;
    }

    /// <summary>
    /// Subscribes to a peer, or changes the connection string of an existing subscription. Returns whether it was
    /// created.
    /// </summary>
    public async Task<bool> SubscribeAsync(int inboundNode, string connectionString, CancellationToken cancel)
    {
        var created = await ThenLookAsync(await subscriptions.SubscribeAsync(inboundNode, connectionString, cancel), cancel);
        await workers.CheckNowAsync(inboundNode, FirstCheckTimeout, cancel);
        return await ThenLookAsync(created, cancel);
    }

    /// <summary>Reports where a connection string leads to; changes nothing.</summary>
    public Task<ProbeReport> ProbeAsync(string connectionString, CancellationToken cancel) => probe.ProbeAsync(connectionString, cancel);

    /// <summary>
    /// Removes a subscription. Returns what is left on an unreachable peer; it is removed when the peer is back.
    /// </summary>
    public async Task<IReadOnlyList<string>> UnsubscribeAsync(int inboundNode, CancellationToken cancel)
    {
        using var held = await healing.PauseAsync(inboundNode, cancel);
        return await ThenLookAsync(await subscriptions.UnsubscribeAsync(inboundNode, cancel), cancel);
    }

    /// <summary>Pauses applying from a peer until an operator resumes it.</summary>
    public async Task<SubscriptionStatus> PauseAsync(int inboundNode, CancellationToken cancel)
    {
        using var held = await healing.PauseAsync(inboundNode, cancel);
        await subscriptions.PauseAsync(inboundNode, cancel);
        await healing.ForgetAsync(inboundNode, cancel);
        return await FindAsync(inboundNode, cancel);
    }

    /// <summary>Resumes applying, also when the subscription was disabled by an SQL statement.</summary>
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
