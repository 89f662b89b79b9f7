namespace Traktor.Engine.Replicasets;

/// <summary>Where a table stands in the replicaset of this node.</summary>
public enum TableState
{
    /// <summary>Staged or on its way; nothing of it is sent yet.</summary>
    PendingAdd,

    /// <summary>Published: its changes reach the peers.</summary>
    Committed,

    /// <summary>Still published; the next commit ends that.</summary>
    PendingRemove,
}

/// <summary>A table of the replicaset.</summary>
/// <param name="Relation">The table as schema.table, quoted where needed.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Policy">How its conflicts are decided.</param>
/// <param name="Detector">Whether its silent conflicts are looked for.</param>
/// <param name="IsCommitting">Whether it was committed and waits for its peers; it opens by itself.</param>
/// <param name="WaitingFor">Peers that do not have it yet, and why.</param>
/// <param name="NeedsResync">Peers that it was opened without (by force): what was written before they had it is missing there.</param>
/// <param name="Findings">What is wrong with the table here, with the statement that mends it.</param>
public sealed record ReplicasetTable(
    string Relation,
    TableState Status,
    string Policy,
    bool Detector,
    bool IsCommitting,
    IReadOnlyList<Waiting> WaitingFor,
    IReadOnlyList<int> NeedsResync,
    IReadOnlyList<Finding> Findings
);

/// <summary>A peer that does not have a table yet.</summary>
/// <param name="Node">The peer.</param>
/// <param name="Reason">Why, in a sentence that says what to do.</param>
public sealed record Waiting(int Node, string Reason);

/// <summary>What a commit of the replicaset did.</summary>
/// <param name="Node">This node.</param>
/// <param name="IsComplete">Whether nothing is left pending: after that no row written to these tables is lost.</param>
/// <param name="Opened">Tables that are open now.</param>
/// <param name="Removed">Tables that left the replicaset.</param>
/// <param name="Pending">Tables that wait, with the reasons; they open by themselves.</param>
public sealed record CommitReport(
    int Node,
    bool IsComplete,
    IReadOnlyList<string> Opened,
    IReadOnlyList<string> Removed,
    IReadOnlyList<ReplicasetTable> Pending
);
