namespace Traktor.Engine.Nodes;

/// <summary>What <c>InitializeAsync</c> did.</summary>
/// <param name="Node">This node.</param>
/// <param name="Created">Whether the node was initialised by this call; false when it already was.</param>
/// <param name="SchemaVersion">Version of our schema that is installed now.</param>
/// <param name="Findings">Preflight warnings.</param>
public sealed record InitializeReport(int Node, bool Created, int SchemaVersion, IReadOnlyList<Finding> Findings);

/// <summary>What <c>UninitializeAsync</c> did.</summary>
/// <param name="Node">This node.</param>
/// <param name="Removed">Whether there was something to take out.</param>
/// <param name="Leftovers">What could not be reached and remains elsewhere, one sentence each with the statement that removes it.</param>
public sealed record UninitializeReport(int Node, bool Removed, IReadOnlyList<string> Leftovers);

/// <summary>A node that this node knows of.</summary>
/// <param name="Node">NodeID.</param>
/// <param name="IsSelf">Whether it is this node.</param>
/// <param name="ArbiterUrl">Where its arbiter is.</param>
/// <param name="ServerVersionNum">Its server's <c>server_version_num</c>.</param>
/// <param name="Announced">When it last told about itself.</param>
/// <param name="Pre16Compatibility">Whether its arbiter runs with Pre16Compatibility = True; it has to be the same on all nodes.</param>
public sealed record KnownNode(
    int Node,
    bool IsSelf,
    string? ArbiterUrl,
    int? ServerVersionNum,
    DateTimeOffset? Announced,
    bool Pre16Compatibility
);
