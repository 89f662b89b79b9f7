namespace Traktor.Web.Contracts.Conflicts;

/// <summary>One message of the live feed, about one node.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Node">The node.</param>
/// <param name="Conflicts">The conflicts, the least recently changed first.</param>
/// <param name="Position">Where to continue on this node; null when its arbiter has not answered.</param>
/// <param name="Gap">Whether conflicts may be missing between what the client had of the node and this snapshot: the
/// list has them.</param>
/// <param name="LastContactAt">When the node's arbiter last answered; null when it has not.</param>
/// <param name="Problem">Why it does not answer now; null when it does.</param>
public sealed record FeedMessage(
    FeedKind Kind,
    int Node,
    IReadOnlyList<FeedEntry> Conflicts,
    string? Position,
    bool Gap,
    DateTimeOffset? LastContactAt,
    string? Problem
);
