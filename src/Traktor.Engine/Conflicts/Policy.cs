namespace Traktor.Engine.Conflicts;

/// <summary>
/// How a table's conflicts are decided; kept in <c>trktr.replicaset</c> and to be the same on every node.
/// <see cref="PolicyRules"/> has the whole table.
/// </summary>
public enum Policy
{
    /// <summary>The version with the greater <see cref="Stamp"/> wins. The default; converges.</summary>
    LastUpdateWins,

    /// <summary>
    /// Of two rows that claim a key the version with the smaller stamp wins; updates are decided as by
    /// <see cref="LastUpdateWins"/>.
    /// </summary>
    FirstUpdateWins,

    /// <summary>
    /// The version of the node with the better priority wins, of the same priority the greater stamp. Converges where
    /// both writers were unaware of each other.
    /// </summary>
    NodePriority,

    /// <summary>Each node keeps what it has. Nodes end different.</summary>
    KeepLocal,

    /// <summary>Each node takes what arrives. Nodes end different.</summary>
    ApplyRemote,

    /// <summary>The transaction waits until somebody has decided each of its conflicts.</summary>
    Manual,
}
