using Traktor.Engine.Conflicts.Decisions;

namespace Traktor.Web.Peers;

/// <summary>What can be done about conflicts through a node's arbiter.</summary>
public interface ICaseDesk : ICaseReader
{
    /// <summary>Decides a conflict by hand, with <paramref name="isMesh"/> wherever the row waits.</summary>
    Task<DecisionReport> DecideAsync(long id, HandDecision decision, bool isMesh, CancellationToken cancel);

    /// <summary>Brings back a version of a resolved conflict.</summary>
    Task<RestorationReport> RestoreAsync(long id, RowSide version, ExpectedVersion? expected, string by, CancellationToken cancel);
}
