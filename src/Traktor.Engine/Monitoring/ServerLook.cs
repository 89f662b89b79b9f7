using Traktor.Engine.Nodes;

namespace Traktor.Engine.Monitoring;

/// <summary>What this node's server said of itself.</summary>
/// <param name="Seen">What it said.</param>
/// <param name="Asked">When it was asked, by the arbiter's clock.</param>
/// <param name="Answered">When it answered.</param>
/// <param name="Problem">Why the node is left alone, in sentences; null when it is not.</param>
public sealed record ServerLook(NodeProbe Seen, DateTimeOffset Asked, DateTimeOffset Answered, string? Problem = null)
{
    /// <summary>The server's clock minus the arbiter's, milliseconds.</summary>
    public double ClockOffsetMs => (Seen.Clock - Asked - ((Answered - Asked) / 2)).TotalMilliseconds;
}
