using System.Text.Json;
using System.Text.Json.Serialization;

namespace Traktor.Engine.Conflicts.Records;

/// <summary>
/// Reads rows of <c>trktr</c> that the server returned as JSON objects: columns in snake_case, times with the session's
/// offset.
/// </summary>
internal static class HistoryJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false), new Utc() },
        MaxDepth = 1000,
    };

    public static T Read<T>(string row) => JsonSerializer.Deserialize<T>(row, Options)!;

    private sealed class Utc : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetDateTimeOffset().ToUniversalTime();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value);
    }
}
