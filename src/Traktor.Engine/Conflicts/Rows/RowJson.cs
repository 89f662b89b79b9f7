using System.Text.Json;

namespace Traktor.Engine.Conflicts.Rows;

/// <summary>Reads the row images in the history.</summary>
internal static class RowJson
{
    /// <summary>The rows in an image: none, one, or several blocking rows.</summary>
    public static IReadOnlyList<JsonElement> Rows(JsonElement? image) =>
        image switch
        {
            { ValueKind: JsonValueKind.Object } row => [row],
            { ValueKind: JsonValueKind.Array } rows => [.. rows.EnumerateArray().Where(row => row.ValueKind == JsonValueKind.Object)],
            _ => [],
        };

    /// <summary>The values as recorded, for a table that can no longer be read.</summary>
    public static IReadOnlyDictionary<string, string?> Texts(JsonElement row) =>
        row.EnumerateObject()
            .ToDictionary(
                column => column.Name,
                column =>
                    column.Value.ValueKind switch
                    {
                        JsonValueKind.Null => null,
                        JsonValueKind.String => column.Value.GetString(),
                        JsonValueKind.True => "t",
                        JsonValueKind.False => "f",
                        _ => column.Value.GetRawText(),
                    },
                StringComparer.Ordinal
            );
}
