using Traktor.Engine.Nodes;

namespace Traktor.Engine.Monitoring;

/// <summary>What this node's server reported about itself.</summary>
/// <param name="Seen">The report.</param>
/// <param name="Asked">When it was asked, by the arbiter's clock.</param>
/// <param name="Answered">When it answered.</param>
/// <param name="Problem">Why the arbiter does not work on the node, in sentences; null when it does.</param>
public sealed record ServerLook(NodeProbe Seen, DateTimeOffset Asked, DateTimeOffset Answered, string? Problem = null)
{
    /// <summary>The server's clock minus the arbiter's, in milliseconds.</summary>
    public double ClockOffsetMs => (Seen.Clock - Asked - ((Answered - Asked) / 2)).TotalMilliseconds;
}
