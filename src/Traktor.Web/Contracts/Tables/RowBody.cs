using System.Text.Json;
using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Contracts.Tables;

/// <summary>Columns of a row.</summary>
/// <param name="Row">Each column's value, as JSON or as PostgreSQL's text of it.</param>
internal sealed record RowBody(JsonElement Row) : IRequest
{
    public static string Wanted => "Send {\"row\": {columns}}, as a merge by hand takes them.";

    public static int MaxDepth => 64;
}
