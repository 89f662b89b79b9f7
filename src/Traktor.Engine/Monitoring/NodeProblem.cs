using Traktor.Engine.Subscriptions;
using Traktor.Engine.Workers;

namespace Traktor.Engine.Monitoring;

/// <summary>The one sentence of the status that says what is wrong with a node whose server answers.</summary>
internal static class NodeProblem
{
    /// <summary>The problem that stops most; null when there is none.</summary>
    /// <param name="subscriptions">The node's subscriptions.</param>
    /// <param name="server">Why the server's version is refused.</param>
    /// <param name="failing">The workers that fail.</param>
    /// <param name="setAside">The finding about changes that could not be processed.</param>
    /// <param name="compatibility">The finding about Pre16Compatibility.</param>
    public static string? Of(
        IEnumerable<SubscriptionStatus> subscriptions,
        RefusedException? server,
        IReadOnlyCollection<FailingWorker> failing,
        Finding? setAside,
        Finding compatibility
    ) =>
        subscriptions.FirstOrDefault(subscription => subscription.LastError is not null) is { } bad
            ? $"Subscription from node {bad.InboundNode}: {bad.LastError}"
        : server is not null ? $"{server.Message} {server.Hint}"
        : failing.Count > 0 ? string.Join(" ", failing.Select(worker => worker.InWords()))
        : setAside is not null ? setAside.Found
        : compatibility.Severity == Severity.Ok ? null
        : $"{compatibility.Found} {compatibility.Hint}";
}
