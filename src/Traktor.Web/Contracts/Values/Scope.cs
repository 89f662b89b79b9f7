namespace Traktor.Web.Contracts.Values;

/// <summary>How far something reaches.</summary>
internal enum Scope
{
    /// <summary>All nodes.</summary>
    Mesh,

    /// <summary>This node alone.</summary>
    Node,
}
