using Traktor.Engine.Comparisons.Proofs;
using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Contracts.Comparisons;

/// <summary>That tables were equal on some nodes.</summary>
/// <param name="Node">The node that ran the comparison.</param>
/// <param name="Comparison">Its number there.</param>
/// <param name="Nodes">The compared nodes.</param>
/// <param name="Tables">The tables.</param>
internal sealed record ProofRequest(int Node, long Comparison, IReadOnlyList<int> Nodes, IReadOnlyList<ProvenTableRequest> Tables)
    : IRequest
{
    public static string Wanted =>
        "Send {\"node\": 0, \"comparison\": 5, \"nodes\": [0, 1], \"tables\": [{\"relation\": \"app.orders\", "
        + "\"proven_at\": \"2026-11-23T09:00:00Z\", \"rows\": 1000, \"resync\": []}]}.";

    public static ProofRequest Of(EqualTables equal) =>
        new(
            equal.Node,
            equal.Comparison,
            equal.Nodes,
            [.. equal.Tables.Select(table => new ProvenTableRequest(table.Relation, table.ProvenAt, table.Rows, table.Resync))]
        );

    public EqualTables ToEqual() =>
        new(
            Node,
            Comparison,
            Nodes,
            [.. Tables.Select(table => new EqualTable(table.Relation, table.ProvenAt, table.Rows, table.Resync ?? []))]
        );
}

/// <summary>A table.</summary>
/// <param name="Relation">Its name.</param>
/// <param name="ProvenAt">When it was equal.</param>
/// <param name="Rows">How many rows were compared.</param>
/// <param name="Resync">The records that a node may lack rows of it, which are closed by this.</param>
internal sealed record ProvenTableRequest(string Relation, DateTimeOffset ProvenAt, long Rows, IReadOnlyList<Guid>? Resync = null);
