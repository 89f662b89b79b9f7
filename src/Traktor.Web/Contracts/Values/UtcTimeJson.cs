using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Traktor.Web.Contracts.Values;

/// <summary>Reads times: one without an offset is UTC, not the time zone of this machine.</summary>
internal sealed class UtcTimeJson : JsonConverter<DateTimeOffset>
{
    public static bool TryRead(string? text, out DateTimeOffset time) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TryRead(reader.GetString(), out var time) ? time : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value);
}
