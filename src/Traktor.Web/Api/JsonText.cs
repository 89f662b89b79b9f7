using System.Text.Json;

namespace Traktor.Web.Api;

/// <summary>What valid JSON can hold and PostgreSQL's jsonb cannot: the NUL character, and halves of surrogate pairs.</summary>
internal static class JsonText
{
    /// <summary>Whether PostgreSQL can store the value.</summary>
    public static bool IsStorable(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Object => value.EnumerateObject().All(field => IsText(() => field.Name) && IsStorable(field.Value)),
            JsonValueKind.Array => value.EnumerateArray().All(IsStorable),
            JsonValueKind.String => IsText(() => value.GetString()!),
            _ => true,
        };

    private static bool IsText(Func<string> read)
    {
        try
        {
            return !read().Contains('\0', StringComparison.Ordinal);
        }
        catch (InvalidOperationException)
        {
            // An escaped half of a surrogate pair.
            return false;
        }
    }
}
