using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Traktor.Engine;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Records;
using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Contracts.Conflicts;

/// <summary>Which conflicts to list: a parameter that is left out is no restriction.</summary>
internal sealed record HistoryQuery
{
    [FromQuery(Name = "relation"), Description("Only this table, as schema.table.")]
    public string? Relation { get; init; }

    [FromQuery(Name = "type"), Description("Only this conflict type, for instance insert_exists.")]
    public string? Type { get; init; }

    [FromQuery(Name = "peer"), Description("Only changes that this node sent (NodeID).")]
    public int? Peer { get; init; }

    [FromQuery(Name = "subscription"), Description("Only changes of this subscription, by its name.")]
    public string? Subscription { get; init; }

    [FromQuery(Name = "since"), Description("Only conflicts detected at this time or later, ISO 8601; UTC without an offset.")]
    public string? Since { get; init; }

    [FromQuery(Name = "until"), Description("Only conflicts detected before this time.")]
    public string? Until { get; init; }

    [FromQuery(Name = "key"), Description("Only this row: its key as a JSON object.")]
    public string? Key { get; init; }

    [FromQuery(Name = "limit"), Description("Entries of a page, 1 to 1000; default 100.")]
    public int? Limit { get; init; }

    [FromQuery(Name = "before"), Description("The page after another one: that page's next.")]
    public long? Before { get; init; }

    /// <exception cref="RefusedException">Malformed, with the name of the parameter.</exception>
    public HistoryFilter ToFilter(ConflictState? state = null) =>
        new()
        {
            State = state,
            Relation = Relation,
            Type = Type is null ? null : ConflictWords.Read<ConflictType>(Type, "type"),
            Peer = Peer,
            Subscription = Subscription,
            Since = QueryTime.Read(Since, "since"),
            Until = QueryTime.Read(Until, "until"),
            Key = Json(Key),
            Limit = Limit ?? HistoryFilter.UsualPage,
            Before = Before,
        };

    /// <summary>A filter as the list of conflicts takes it, with its question mark.</summary>
    public static string Write(HistoryFilter filter) =>
        QueryString
            .Create(
                new (string Name, string? Value)[]
                {
                    ("state", filter.State is { } state ? ConflictWords.Of(state) : null),
                    ("relation", filter.Relation),
                    ("type", filter.Type is { } type ? ConflictWords.Of(type) : null),
                    ("peer", filter.Peer?.ToString(CultureInfo.InvariantCulture)),
                    ("subscription", filter.Subscription),
                    ("since", filter.Since?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)),
                    ("until", filter.Until?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)),
                    ("key", filter.Key?.GetRawText()),
                    ("limit", filter.Limit.ToString(CultureInfo.InvariantCulture)),
                    ("before", filter.Before?.ToString(CultureInfo.InvariantCulture)),
                }
                    .Where(pair => pair.Value is not null)
                    .Select(pair => KeyValuePair.Create(pair.Name, pair.Value))
            )
            .ToString();

    /// <summary>What <c>state</c> asks for: pending, resolved, or null for all.</summary>
    public static ConflictState? ReadState(string? state) =>
        state is null or "all" ? null
        : ConflictWords.TryParse<ConflictState>(state, out var known) ? known
        : throw RefusedException.Malformed("state must be pending, resolved or all.");

    /// <summary>A key that was given as JSON.</summary>
    /// <exception cref="RefusedException">Malformed: it is not a JSON object.</exception>
    public static JsonElement? Json(string? text)
    {
        if (text is null)
            return null;
        try
        {
            if (JsonSerializer.Deserialize<JsonElement>(text) is { ValueKind: JsonValueKind.Object } key && JsonText.IsStorable(key))
                return key;
        }
        catch (JsonException)
        {
            // Refused below.
        }

        throw RefusedException.Malformed("key must be a JSON object.", "Write it percent-encoded, for instance key=%7B%22id%22%3A1%7D.");
    }
}
