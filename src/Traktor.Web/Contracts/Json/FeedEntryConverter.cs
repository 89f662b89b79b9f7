using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Traktor.Web.Contracts.Conflicts;

namespace Traktor.Web.Contracts.Json;

/// <summary>Serialises each entry of the feed once, for all listeners.</summary>
internal sealed class FeedEntryConverter : JsonConverter<FeedEntry>
{
    private static readonly ConditionalWeakTable<FeedEntry, byte[]> Written = [];

    public override FeedEntry? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonSerializer.Deserialize(ref reader, ApiJsonOptions.Wire.FeedEntry);

    public override void Write(Utf8JsonWriter writer, FeedEntry value, JsonSerializerOptions options) =>
        writer.WriteRawValue(
            Written.GetValue(value, static entry => JsonSerializer.SerializeToUtf8Bytes(entry, ApiJsonOptions.Wire.FeedEntry)),
            skipInputValidation: true
        );
}
