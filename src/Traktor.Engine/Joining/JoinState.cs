using Traktor.Engine.ConnectionStrings;

namespace Traktor.Engine.Joining;

/// <summary>How far a join is. From <see cref="Joined"/> on nothing is undone.</summary>
internal enum JoinPhase
{
    /// <summary>Rows are copied.</summary>
    Copying,

    /// <summary>Every row is copied.</summary>
    Opening,

    /// <summary>The subscriptions will begin where the copy ends.</summary>
    Advanced,

    /// <summary>They run.</summary>
    Joined,
}

/// <summary>A join as it is stored.</summary>
/// <param name="Source">The node whose rows are copied.</param>
/// <param name="Phase">How far it is.</param>
/// <param name="Snapshot">The name of the source's snapshot; null before it is exported.</param>
/// <param name="Comparison">The task that compares the tables; null before.</param>
/// <param name="Peers">The nodes, with this one.</param>
internal sealed record JoinState(int Source, JoinPhase Phase, string? Snapshot, long? Comparison, IReadOnlyList<JoinPeer> Peers);

/// <summary>A node of the mesh, as a join stores it.</summary>
/// <param name="Node">NodeID.</param>
/// <param name="ConnectionString">Its connection string.</param>
/// <param name="Url">Where its arbiter is.</param>
/// <param name="SlotLsn">From where on this node's slot keeps its changes; null before there is a slot.</param>
/// <param name="AppliedLsn">What of it the snapshot has; null before there is one.</param>
internal sealed record JoinPeer(int Node, string ConnectionString, string Url, string? SlotLsn, string? AppliedLsn)
{
    /// <summary>Its database.</summary>
    public Conninfo Conninfo => Conninfo.Parse(ConnectionString);

    /// <summary>Its arbiter.</summary>
    public Conflicts.Mesh.PeerArbiter Arbiter => new(Node, new Uri(Url));
}

/// <summary>A range that is copied.</summary>
internal sealed record DoneRange(string SchemaName, string TableName, string Part, long FirstPage, long RowCount, long WorkedMs);
