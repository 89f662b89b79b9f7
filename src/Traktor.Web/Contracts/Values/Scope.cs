namespace Traktor.Web.Contracts.Values;

/// <summary>The nodes that a call is about.</summary>
internal enum Scope
{
    /// <summary>All nodes.</summary>
    Mesh,

    /// <summary>This node only.</summary>
    Node,
}
