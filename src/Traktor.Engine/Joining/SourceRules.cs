using System.Globalization;
using Traktor.Engine.Slots;
using Traktor.Engine.Subscriptions;

namespace Traktor.Engine.Joining;

/// <summary>What a node must be like that others copy from, decided without a connection.</summary>
internal static class SourceRules
{
    /// <summary>For transactions that have just begun the slot waits.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan LongPatience = TimeSpan.FromMinutes(1);

    /// <summary>Why nothing can be copied from a node with such a subscription; null when it can.</summary>
    public static RefusedException? WhyNot(int node, CatalogSubscription subscription) =>
        subscription switch
        {
            { HasSlot: false } => Refusal(node, subscription, "was dropped only in part", "Drop it again."),
            { PausedAt: not null } => Refusal(node, subscription, "is paused", "Resume it."),
            { IsEnabled: false, HealingState: "healing" } => RefusedException.Unavailable(
                string.Create(CultureInfo.InvariantCulture, $"Node {node} heals its subscription from node {subscription.InboundNode}.")
            ),
            { IsEnabled: false, HealingState: not null } => Refusal(
                node,
                subscription,
                $"waits: {subscription.HealingNote}",
                "Decide what waits, or copy from another node."
            ),
            { IsEnabled: false } => Refusal(node, subscription, "is disabled", "Resume it."),
            _ => null,
        };

    /// <summary>Whether a new slot would wait long for a transaction.</summary>
    public static bool IsOld(OpenTransaction transaction) => IsOlder(transaction, Patience);

    /// <summary>Whether a transaction will not end by itself.</summary>
    public static bool IsVeryOld(OpenTransaction transaction) => IsOlder(transaction, LongPatience);

    // From a day on the age has words.
    private static bool IsOlder(OpenTransaction transaction, TimeSpan limit) =>
        transaction.Gid is not null
        || (transaction.Age is { } age && (!TimeSpan.TryParse(age, CultureInfo.InvariantCulture, out var span) || span >= limit));

    /// <summary>That a new slot waits for transactions, and how to end them.</summary>
    public static string Waits(int node, IReadOnlyList<OpenTransaction> open) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"A new slot on node {node} waits for the end of transactions that are open there: "
                + $"{string.Join("; ", open.Select(one => one.InWords))}. End them: {string.Join(" ", open.Select(one => one.Ending))}"
        );

    private static RefusedException Refusal(int node, CatalogSubscription subscription, string what, string hint) =>
        RefusedException.Conflict(
            string.Create(CultureInfo.InvariantCulture, $"The subscription of node {node} from node {subscription.InboundNode} {what}."),
            hint
        );
}
