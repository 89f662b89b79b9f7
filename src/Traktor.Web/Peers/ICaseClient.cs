using Traktor.Engine.Conflicts.Decisions;

namespace Traktor.Web.Peers;

/// <summary>Reads and decides a node's conflicts through its arbiter.</summary>
public interface ICaseClient : ICaseReader, IDecisionClient
{
    /// <summary>Brings back a version of a resolved conflict.</summary>
    Task<RestorationReport> RestoreAsync(long id, RowSide version, ExpectedVersion? expected, string? by, CancellationToken cancel);
}
