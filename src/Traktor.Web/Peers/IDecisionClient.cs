using Traktor.Engine;
using Traktor.Engine.Conflicts.Decisions;
using Traktor.Engine.Conflicts.Mesh;

namespace Traktor.Web.Peers;

/// <summary>
/// Decides a node's conflicts. Every call can throw <see cref="RefusedException"/> with a message for the user.
/// </summary>
public interface IDecisionClient : ICaseFile
{
    /// <summary>
    /// Decides a conflict by hand; with <paramref name="isMesh"/> also those of the same row on other nodes.
    /// </summary>
    Task<DecisionReport> DecideAsync(long id, HandDecision decision, bool isMesh, CancellationToken cancel);
}
