using System.Text.Json;

namespace Traktor.Web.Contracts.Values;

/// <summary>
/// What valid JSON can hold but PostgreSQL's jsonb cannot: the NUL character, and halves of surrogate pairs.
/// </summary>
internal static class JsonText
{
    /// <summary>Whether PostgreSQL can store the value.</summary>
    public static bool IsStorable(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Object => value.EnumerateObject().All(field => IsStorable(() => field.Name) && IsStorable(field.Value)),
            JsonValueKind.Array => value.EnumerateArray().All(IsStorable),
            JsonValueKind.String => IsStorable(() => value.GetString()!),
            _ => true,
        };

    /// <summary>A string of a JSON document; null when it holds an escaped half of a surrogate pair.</summary>
    public static string? TryRead(Func<string> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static bool IsStorable(Func<string> read) => TryRead(read) is { } text && !text.Contains('\0', StringComparison.Ordinal);
}
