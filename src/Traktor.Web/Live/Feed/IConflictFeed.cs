using Traktor.Engine;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Records;
using Traktor.Web.Contracts.Conflicts;

namespace Traktor.Web.Live.Feed;

/// <summary>The conflicts of the mesh for a page: live changes, counts and the history.</summary>
public interface IConflictFeed
{
    /// <summary>A new reader; dispose of it.</summary>
    MeshReader Listen(FeedRequest request);

    /// <summary>Conflicts per minute in the last hour; the last count is the present minute.</summary>
    /// <param name="node">Only this node; null for all.</param>
    /// <param name="counts">Whether a table and a type count.</param>
    IReadOnlyList<long> Minutes(int? node, Func<string, ConflictType, bool> counts);

    /// <summary>A page of a node's conflicts, newest first.</summary>
    /// <exception cref="RefusedException">In words for the user.</exception>
    Task<ConflictPage> ReadAsync(int node, HistoryFilter filter, CancellationToken cancel);
}
