using Traktor.Engine;
using Traktor.Engine.Conflicts.Records;

namespace Traktor.Web.Peers;

/// <summary>
/// The conflicts of a node. Every call can throw <see cref="RefusedException"/> with a message for the user.
/// </summary>
public interface ICaseFile
{
    /// <summary>NodeID.</summary>
    int Node { get; }

    /// <summary>A conflict with the whole remote transaction.</summary>
    Task<ConflictCase> CaseAsync(long id, CancellationToken cancel);
}
