using Traktor.Engine.Access;
using Traktor.Engine.Conflicts.Mesh;

namespace Traktor.Engine.Comparisons.Proofs;

/// <summary>Tells a node which tables were proven to be equal, through its arbiter.</summary>
public interface IPeerProofs
{
    /// <summary>Has the peer note it, for somebody.</summary>
    Task NoteAsync(PeerArbiter peer, Actor actor, EqualTables equal, CancellationToken cancel);
}
