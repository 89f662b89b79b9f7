using Traktor.Engine.Access;
using Traktor.Engine.Conflicts.Mesh;

namespace Traktor.Engine.Comparisons.Hashing;

/// <summary>
/// The rows of a node's tables, read by its own arbiter in its own server. Every call throws
/// <see cref="RefusedException"/> with that arbiter's message, or with the reason why it cannot be reached.
/// </summary>
public interface INodeRows
{
    /// <summary>NodeID.</summary>
    int Node { get; }

    /// <summary>What the table looks like there.</summary>
    Task<TableShape> ShapeAsync(string relation, CancellationToken cancel);

    /// <summary>At most <paramref name="most"/> keys of a range, of which each is <paramref name="every"/> rows after
    /// the one before; the first that many after the beginning.</summary>
    Task<RangeBounds> BoundsAsync(string relation, KeyRange range, int every, int most, CancellationToken cancel);

    /// <summary>A hash for each range; of a range with buckets one for each bucket.</summary>
    Task<RangeHashes> HashAsync(
        string relation,
        IReadOnlyList<HashedColumn> columns,
        IReadOnlyList<KeyRange> ranges,
        CancellationToken cancel
    );

    /// <summary>The rows of a range.</summary>
    Task<KeyVersions> VersionsAsync(string relation, IReadOnlyList<HashedColumn> columns, KeyRange range, CancellationToken cancel);

    /// <summary>The rows of some keys, with their values if these are wanted.</summary>
    Task<KeyVersions> VersionsAsync(
        string relation,
        IReadOnlyList<HashedColumn> columns,
        IReadOnlyList<IReadOnlyList<string>> keys,
        bool hasRows,
        CancellationToken cancel
    );

    /// <summary>How far the node has sent, applied and processed.</summary>
    Task<AppliedPositions> PositionsAsync(CancellationToken cancel);
}

/// <summary>Reaches the rows of other nodes for somebody.</summary>
public interface IPeerRows
{
    /// <summary>The rows of a peer.</summary>
    INodeRows Of(PeerArbiter peer, Actor actor);
}
