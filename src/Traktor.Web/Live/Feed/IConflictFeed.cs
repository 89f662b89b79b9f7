using Traktor.Engine;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Records;
using Traktor.Web.Contracts.Conflicts;

namespace Traktor.Web.Live.Feed;

/// <summary>The conflicts of the mesh, for a page: what happens, how much of it, and what happened before.</summary>
public interface IConflictFeed
{
    /// <summary>Begins to read; to be disposed of.</summary>
    MeshReader Listen(FeedRequest request);

    /// <summary>Conflicts a minute over the last hour, the last being the present minute.</summary>
    /// <param name="node">Only this node; null for all.</param>
    /// <param name="counts">Whether a table and a type count.</param>
    IReadOnlyList<long> Minutes(int? node, Func<string, ConflictType, bool> counts);

    /// <summary>A page of a node's conflicts, newest first.</summary>
    /// <exception cref="RefusedException">In words for the user.</exception>
    Task<ConflictPage> ReadAsync(int node, HistoryFilter filter, CancellationToken cancel);
}
