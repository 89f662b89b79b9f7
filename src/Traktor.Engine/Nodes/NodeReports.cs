namespace Traktor.Engine.Nodes;

/// <summary>The result of <c>InitializeAsync</c>.</summary>
/// <param name="Node">This node.</param>
/// <param name="Created">Whether this call initialised the node; false when it already was.</param>
/// <param name="SchemaVersion">Version of the installed schema.</param>
/// <param name="Findings">Preflight warnings.</param>
/// <param name="Mended">What was missing in the schema of an initialised node and was given back, each in
/// words.</param>
public sealed record InitializeReport(
    int Node,
    bool Created,
    int SchemaVersion,
    IReadOnlyList<Finding> Findings,
    IReadOnlyList<string> Mended
);

/// <summary>The result of <c>UninitializeAsync</c>.</summary>
/// <param name="Node">This node.</param>
/// <param name="Removed">Whether there was something to remove.</param>
/// <param name="Leftovers">What remains on unreachable peers, one sentence each with the statement that removes
/// it.</param>
public sealed record UninitializeReport(int Node, bool Removed, IReadOnlyList<string> Leftovers);

/// <summary>A known node.</summary>
/// <param name="Node">NodeID.</param>
/// <param name="IsSelf">Whether it is this node.</param>
/// <param name="ArbiterUrl">Where its arbiter is.</param>
/// <param name="ServerVersionNum">Its server's <c>server_version_num</c>.</param>
/// <param name="Announced">When it last announced itself.</param>
/// <param name="Pre16Compatibility">Whether its arbiter runs with Pre16Compatibility = True; it must be the same on all
/// nodes.</param>
public sealed record KnownNode(
    int Node,
    bool IsSelf,
    string? ArbiterUrl,
    int? ServerVersionNum,
    DateTimeOffset? Announced,
    bool Pre16Compatibility
);
