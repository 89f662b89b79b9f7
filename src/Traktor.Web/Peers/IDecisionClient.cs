using Traktor.Engine;
using Traktor.Engine.Conflicts.Decisions;
using Traktor.Engine.Conflicts.Mesh;

namespace Traktor.Web.Peers;

/// <summary>Where conflicts of a node are decided. Every call throws <see cref="RefusedException"/> with words for the user.</summary>
public interface IDecisionClient : ICaseFile
{
    /// <summary>Decides a conflict by hand, with <paramref name="isMesh"/> wherever the row waits.</summary>
    Task<DecisionReport> DecideAsync(long id, HandDecision decision, bool isMesh, CancellationToken cancel);
}
