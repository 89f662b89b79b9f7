using Traktor.Engine.Access;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Engine.Convergence;

namespace Traktor.Engine.Comparisons.Repairs;

/// <summary>Has a node announce its rows, through its arbiter.</summary>
public interface IPeerRepairs
{
    /// <summary>
    /// Has all nodes adopt rows of the peer, or delete them; for each row whether it was taken.
    /// </summary>
    Task<RepairedRows> AnnounceAsync(
        PeerArbiter peer,
        Actor actor,
        string relation,
        IReadOnlyList<RowChoice> rows,
        CancellationToken cancel
    );
}

/// <summary>What a node did with rows that were chosen.</summary>
/// <param name="Node">The node.</param>
/// <param name="Taken">For each row whether it was taken; false where it had changed meanwhile.</param>
public sealed record RepairedRows(int Node, IReadOnlyList<bool> Taken);
