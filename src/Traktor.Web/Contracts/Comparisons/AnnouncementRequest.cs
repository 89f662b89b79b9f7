using System.Text.Json;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Convergence;
using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Contracts.Comparisons;

/// <summary>Rows of this node that all nodes shall adopt, or whose keys they shall delete.</summary>
/// <param name="Rows">The rows.</param>
internal sealed record AnnouncementRequest(IReadOnlyList<AnnouncedRowRequest> Rows) : IRequest
{
    public static string Wanted => "Send {\"rows\": [{\"key\": {\"id\": \"1\"}, \"stamp\": \"2026-11-23T09:00:00Z\", \"origin\": 0}]}.";
}

/// <summary>A row.</summary>
/// <param name="Key">Its key columns, as text.</param>
/// <param name="Stamp">The commit timestamp that it must have; null for one that the server has forgotten.</param>
/// <param name="Origin">The node that wrote it; null in the same case.</param>
/// <param name="IsDeletion">Whether it is deleted on all nodes.</param>
/// <param name="AfterStamp">It gets a new stamp after this one; null: it keeps its own.</param>
/// <param name="AfterOrigin">The node of that stamp.</param>
internal sealed record AnnouncedRowRequest(
    JsonElement Key,
    DateTimeOffset? Stamp = null,
    int? Origin = null,
    bool IsDeletion = false,
    DateTimeOffset? AfterStamp = null,
    int? AfterOrigin = null
)
{
    public static AnnouncedRowRequest Of(RowChoice row) =>
        new(JsonElement.Parse(row.Key), row.Expected?.Committed, row.Expected?.Node, row.IsDeletion, row.After?.Committed, row.After?.Node);

    public RowChoice ToChoice() =>
        new(
            Key.GetRawText(),
            Stamp is { } at && Origin is { } node ? new Stamp(at, node) : null,
            IsDeletion,
            AfterStamp is { } after && AfterOrigin is { } by ? new Stamp(after, by) : null
        );
}
