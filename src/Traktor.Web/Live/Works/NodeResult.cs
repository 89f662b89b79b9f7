namespace Traktor.Web.Live.Works;

/// <summary>The result of one step on one node.</summary>
/// <param name="Node">The node.</param>
/// <param name="What">What was done, in words.</param>
/// <param name="Problem">What went wrong; null when nothing did.</param>
public sealed record NodeResult(int Node, string What, string? Problem);
