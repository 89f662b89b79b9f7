using Traktor.Engine.Subscriptions;

namespace Traktor.Engine;

public sealed partial class Arbiter
{
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
}
