namespace Traktor.Engine.Comparisons.Proofs;

/// <summary>That tables were equal on some nodes when a comparison began with each.</summary>
/// <param name="Node">The node that ran the comparison.</param>
/// <param name="Comparison">Its number there.</param>
/// <param name="Nodes">The nodes whose rows were compared.</param>
/// <param name="Tables">The tables.</param>
public sealed record EqualTables(int Node, long Comparison, IReadOnlyList<int> Nodes, IReadOnlyList<EqualTable> Tables);

/// <summary>A table that was equal.</summary>
/// <param name="Relation">The table.</param>
/// <param name="ProvenAt">When the comparison began with it.</param>
/// <param name="Rows">How many rows were compared.</param>
/// <param name="Resync">The records, of all nodes, that a node may lack rows of it: this closes them.</param>
public sealed record EqualTable(string Relation, DateTimeOffset ProvenAt, long Rows, IReadOnlyList<Guid> Resync);

/// <summary>What a node has noted.</summary>
/// <param name="Node">The node.</param>
/// <param name="Tables">How many tables.</param>
public sealed record NotedProofs(int Node, int Tables);
