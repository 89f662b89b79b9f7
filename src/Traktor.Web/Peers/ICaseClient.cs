using Traktor.Engine.Conflicts.Decisions;

namespace Traktor.Web.Peers;

/// <summary>What can be done about conflicts through a node's arbiter.</summary>
public interface ICaseClient : ICaseReader, IDecisionClient
{
    /// <summary>Brings back a version of a resolved conflict.</summary>
    Task<RestorationReport> RestoreAsync(long id, RowSide version, ExpectedVersion? expected, string by, CancellationToken cancel);
}
