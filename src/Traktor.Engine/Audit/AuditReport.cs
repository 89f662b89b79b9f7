namespace Traktor.Engine.Audit;

/// <summary>What the check of the audit log found on a node.</summary>
/// <param name="Node">The node whose database was checked.</param>
/// <param name="IsIntact">Whether no chain has a problem.</param>
/// <param name="Chains">The chains that the database has.</param>
public sealed record AuditReport(int Node, bool IsIntact, IReadOnlyList<AuditChainReport> Chains)
{
    /// <summary>The other nodes whose copies were compared with this node's; empty when none were asked.</summary>
    public IReadOnlyList<AuditPeer> Others { get; init; } = [];
}

/// <summary>A node that was asked for its copies.</summary>
/// <param name="Node">The node.</param>
/// <param name="IsCompared">Whether it has answered.</param>
/// <param name="Detail">Why it has not, in a sentence.</param>
public sealed record AuditPeer(int Node, bool IsCompared, string? Detail);

/// <summary>What the check found of one chain.</summary>
/// <param name="Node">The node whose entries they are.</param>
/// <param name="Incarnation">The database that the node was then.</param>
/// <param name="IsOwn">Whether the database checked is that one; else it has copies.</param>
/// <param name="Entries">How many entries there are.</param>
/// <param name="First">The number of the first.</param>
/// <param name="Last">The number of the last.</param>
/// <param name="LastHash">The hash of the last, hexadecimal. On another node that has this entry it is the
/// same.</param>
/// <param name="Problems">What is wrong, a sentence each, at most <see cref="MostProblems"/>.</param>
public sealed record AuditChainReport(
    int Node,
    Guid Incarnation,
    bool IsOwn,
    long Entries,
    long First,
    long Last,
    string LastHash,
    IReadOnlyList<string> Problems
)
{
    /// <summary>How many problems of a chain are reported.</summary>
    public const int MostProblems = 20;
}
