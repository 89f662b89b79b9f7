using System.Text.Json;
using Traktor.Engine;
using Traktor.Engine.Conflicts;

namespace Traktor.Web.Api;

/// <summary>Reads the fields of a body's object and gathers what is wrong with them.</summary>
internal sealed class BodyFields
{
    private readonly JsonElement fields;
    private readonly List<string> errors = [];

    public BodyFields(JsonElement fields, params string[] known)
    {
        this.fields = fields;
        foreach (var field in fields.EnumerateObject())
            if (!known.Contains(field.Name))
                Wrong($"the field '{(field.Name.Length > 40 ? field.Name[..40] + "…" : field.Name)}' is not known");
    }

    /// <summary>Notes that something is wrong, in half a sentence.</summary>
    public void Wrong(string what) => errors.Add(what);

    /// <summary>A word of an enumeration; null when it is not there, or wrong.</summary>
    public T? Word<T>(string name, bool isNeeded = false)
        where T : struct, Enum
    {
        if (Find(name, JsonValueKind.String, isNeeded) is not { } value)
            return null;
        if (JsonText.IsStorable(value) && ConflictWords.TryParse<T>(value.GetString(), out var word))
            return word;
        Wrong($"the field '{name}' must be one of {string.Join(", ", Enum.GetValues<T>().Select(ConflictWords.Of))}");
        return null;
    }

    /// <summary>True or false; null when it is not there, or wrong.</summary>
    public bool? Switch(string name)
    {
        if (!fields.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        Wrong($"the field '{name}' must be true or false");
        return null;
    }

    /// <summary>A text that is not empty; null when it is not there, or wrong.</summary>
    public string? Text(string name, int longest)
    {
        if (Find(name, JsonValueKind.String, false) is not { } value)
            return null;
        if (
            JsonText.IsStorable(value)
            && value.GetString() is { Length: > 0 } text
            && text.Length <= longest
            && !string.IsNullOrWhiteSpace(text)
        )
            return text.Trim();
        Wrong($"the field '{name}' must be a text of 1 to {longest} characters");
        return null;
    }

    /// <summary>An object that PostgreSQL can store; null when it is not there, or wrong.</summary>
    public JsonElement? Object(string name, bool isNeeded = false)
    {
        if (Find(name, JsonValueKind.Object, isNeeded) is not { } value)
            return null;
        if (JsonText.IsStorable(value))
            return value;
        Wrong($"the field '{name}' holds a character that PostgreSQL cannot store");
        return null;
    }

    /// <exception cref="RefusedException">Malformed, with all that is wrong.</exception>
    public void ThrowIfWrong(string wanted)
    {
        if (errors.Count > 0)
            throw RefusedException.Malformed($"The body cannot be used: {string.Join("; ", errors)}.", wanted);
    }

    private JsonElement? Find(string name, JsonValueKind kind, bool isNeeded)
    {
        if (!fields.TryGetProperty(name, out var value) || (value.ValueKind == JsonValueKind.Null && !isNeeded))
        {
            if (isNeeded)
                Wrong($"the field '{name}' is missing");
            return null;
        }

        if (value.ValueKind == kind)
            return value;
        Wrong($"the field '{name}' must be {JsonBody.Words(kind)}, and is {JsonBody.Words(value.ValueKind)}");
        return null;
    }
}
