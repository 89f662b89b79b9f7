namespace Traktor.Web.Live.Works;

/// <summary>What became of one piece of work on one node.</summary>
/// <param name="Node">The node.</param>
/// <param name="What">What was done, in words.</param>
/// <param name="Problem">What went wrong; null when nothing did.</param>
public sealed record NodeResult(int Node, string What, string? Problem);
