using System.Globalization;
using System.Text.Json;
using Traktor.Engine.Conflicts.Decisions;

namespace Traktor.Web.Api;

/// <summary>Reads which version of a row somebody looked at.</summary>
internal static class ExpectedBody
{
    /// <summary>The field <c>expected</c>; null when it is not there, or wrong.</summary>
    public static ExpectedVersion? Read(BodyFields body)
    {
        if (body.Object("expected") is not { } fields)
            return null;
        DateTimeOffset? stamp = null;
        int? origin = null;
        foreach (var field in fields.EnumerateObject())
        {
            if (field is { Name: "stamp" or "origin", Value.ValueKind: JsonValueKind.Null })
                continue;
            if (
                field is { Name: "stamp", Value.ValueKind: JsonValueKind.String }
                && DateTimeOffset.TryParse(
                    field.Value.GetString(),
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal,
                    out var time
                )
            )
                stamp = time;
            else if (field is { Name: "origin", Value.ValueKind: JsonValueKind.Number } && field.Value.TryGetInt32(out var node))
                origin = node;
            else
                body.Wrong(
                    "the field 'expected' must be an object with 'stamp', an ISO 8601 time or null for no row, and 'origin', a NodeID or null"
                );
        }

        return new ExpectedVersion(stamp, origin);
    }
}
