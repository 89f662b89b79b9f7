using System.Text.Json;

namespace Traktor.Engine.Conflicts.Decisions;

/// <summary>
/// Compares row images. A value may be recorded as a JSON type or as PostgreSQL's text, and nodes may have additional
/// columns.
/// </summary>
internal static class RowImage
{
    /// <summary>
    /// Whether <paramref name="row"/> holds all columns of <paramref name="key"/> with the same values.
    /// </summary>
    public static bool HasKey(JsonElement row, JsonElement key) =>
        key.EnumerateObject().All(column => row.TryGetProperty(column.Name, out var value) && IsSame(value, column.Value));

    /// <summary>Whether two images agree in all common columns, of which there must be at least one.</summary>
    public static bool AreSame(JsonElement left, JsonElement right)
    {
        if (left.ValueKind != JsonValueKind.Object || right.ValueKind != JsonValueKind.Object)
            return false;
        var common = left.EnumerateObject().Where(column => right.TryGetProperty(column.Name, out _)).ToList();
        return common.Count > 0 && common.All(column => IsSame(column.Value, right.GetProperty(column.Name)));
    }

    private static bool IsSame(JsonElement left, JsonElement right) =>
        JsonElement.DeepEquals(left, right)
        || (left.ValueKind != JsonValueKind.Null && right.ValueKind != JsonValueKind.Null && Text(left) == Text(right));

    private static string Text(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.True => "t",
            JsonValueKind.False => "f",
            _ => value.GetRawText(),
        };
}
