using Traktor.Engine.Replicasets;

namespace Traktor.Web.Contracts.Tables;

/// <summary>The tables of this node's database.</summary>
/// <param name="Node">This node.</param>
/// <param name="Tables">The tables, ordered by name.</param>
public sealed record CatalogAnswer(int Node, IReadOnlyList<CatalogTable> Tables);
