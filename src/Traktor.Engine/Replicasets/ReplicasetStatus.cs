namespace Traktor.Engine.Replicasets;

/// <summary>The state of a table in this node's replicaset.</summary>
public enum TableState
{
    /// <summary>Staged or being opened; nothing of it is sent yet.</summary>
    PendingAdd,

    /// <summary>Published: its changes are sent to the peers.</summary>
    Committed,

    /// <summary>Still published, until the next commit.</summary>
    PendingRemove,
}

/// <summary>A table of the replicaset.</summary>
/// <param name="Relation">The table as schema.table, quoted where needed.</param>
/// <param name="Status">Its state.</param>
/// <param name="Policy">Its conflict policy.</param>
/// <param name="Detector">Whether its silent conflicts are detected.</param>
/// <param name="IsCommitting">Whether it was committed and waits for its peers; it opens by itself.</param>
/// <param name="WaitingFor">Peers that do not have it yet, with the reasons; this node when a transaction that has
/// written to it is still open.</param>
/// <param name="NeedsResync">Peers that it was opened without (with force): they lack the rows written before they had
/// it.</param>
/// <param name="Findings">What is wrong with the table on this node, with the statement that fixes it.</param>
public sealed record ReplicasetTable(
    string Relation,
    TableState Status,
    string Policy,
    bool Detector,
    bool IsCommitting,
    IReadOnlyList<Waiting> WaitingFor,
    IReadOnlyList<int> NeedsResync,
    IReadOnlyList<Finding> Findings
)
{
    /// <summary>The last comparison of its rows here that proved the table to be equal; null when none did.</summary>
    public TableProof? Proof { get; init; }
}

/// <summary>The proof that a table was equal on some nodes.</summary>
/// <param name="ProvenAt">When it was: the comparison began with the table then.</param>
/// <param name="Nodes">The nodes.</param>
/// <param name="Rows">How many rows were compared.</param>
/// <param name="Node">The node that ran the comparison.</param>
/// <param name="Comparison">The number of the comparison on that node.</param>
public sealed record TableProof(DateTimeOffset ProvenAt, IReadOnlyList<int> Nodes, long Rows, int Node, long Comparison);

/// <summary>A node that a table waits for.</summary>
/// <param name="Node">The peer, or this node.</param>
/// <param name="Reason">The reason, as a sentence that says what to do.</param>
public sealed record Waiting(int Node, string Reason);

/// <summary>The result of a commit of the replicaset.</summary>
/// <param name="Node">This node.</param>
/// <param name="IsComplete">Whether nothing is pending: from then on no row written to these tables is lost.</param>
/// <param name="Opened">Tables that are now open.</param>
/// <param name="Removed">Tables that were removed from the replicaset.</param>
/// <param name="Pending">Tables that wait, with the reasons; they open by themselves.</param>
public sealed record CommitReport(
    int Node,
    bool IsComplete,
    IReadOnlyList<string> Opened,
    IReadOnlyList<string> Removed,
    IReadOnlyList<ReplicasetTable> Pending
);
