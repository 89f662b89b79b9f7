using System.Globalization;
using Traktor.Engine;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Records;
using Traktor.Engine.Postgres;
using Traktor.Web.Contracts.Conflicts;

namespace Traktor.Web.Live.Cases;

/// <summary>Which conflicts are shown, as in the page's address; null is no restriction.</summary>
/// <param name="Node">Only those that this node detected.</param>
/// <param name="Table">Only this table, as a user writes it.</param>
/// <param name="Type">Only this type.</param>
/// <param name="State">Pending or resolved.</param>
/// <param name="Last">Only those of this period until now; takes precedence over <paramref name="Since"/>.</param>
/// <param name="Since">Detected at this time or later.</param>
/// <param name="Until">Detected before this time.</param>
public sealed record FeedFilter(
    int? Node = null,
    string? Table = null,
    ConflictType? Type = null,
    ConflictState? State = null,
    TimeSpan? Last = null,
    DateTimeOffset? Since = null,
    DateTimeOffset? Until = null
)
{
    /// <summary>The names of the parameters, as in the address.</summary>
    public static readonly string[] Names = ["node", "table", "type", "state", "last", "since", "until"];

    /// <summary>Periods to choose from.</summary>
    public static readonly IReadOnlyDictionary<string, TimeSpan> Periods = new Dictionary<string, TimeSpan>(StringComparer.Ordinal)
    {
        ["15m"] = TimeSpan.FromMinutes(15),
        ["1h"] = TimeSpan.FromHours(1),
        ["1d"] = TimeSpan.FromDays(1),
        ["7d"] = TimeSpan.FromDays(7),
    };

    private readonly string[] _relations = Relations(Table);

    /// <summary>Whether all conflicts are shown.</summary>
    public bool IsEmpty => this == new FeedFilter();

    /// <summary>Reads it from an address; invalid values are ignored.</summary>
    public static FeedFilter Read(Func<string, string?> parameter) =>
        new(
            int.TryParse(parameter("node"), NumberStyles.None, CultureInfo.InvariantCulture, out var node) ? node : null,
            parameter("table") is { Length: > 0 } table ? table : null,
            ConflictWords.TryParse<ConflictType>(parameter("type"), out var type) ? type : null,
            ConflictWords.TryParse<ConflictState>(parameter("state"), out var state) ? state : null,
            Periods.TryGetValue(parameter("last") ?? "", out var last) ? last : null,
            Time(parameter("since")),
            Time(parameter("until"))
        );

    /// <summary>The parameters of the address; null for no restriction.</summary>
    public IReadOnlyDictionary<string, object?> Write() =>
        new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["node"] = Node,
            ["table"] = Table,
            ["type"] = Type is { } type ? ConflictWords.Of(type) : null,
            ["state"] = State is { } state ? ConflictWords.Of(state) : null,
            ["last"] = Periods.FirstOrDefault(period => period.Value == Last).Key,
            ["since"] = Text(Since),
            ["until"] = Text(Until),
        };

    /// <summary>Whether the filter lets a conflict through.</summary>
    public bool Has(FeedEntry entry, DateTimeOffset now) =>
        (Node is null || entry.Node == Node)
        && (State is null || entry.State == State)
        && Counts(entry.Relation, entry.ConflictType)
        && (Begin(now) is not { } since || entry.Occurred >= since)
        && (Until is null || entry.Occurred < Until);

    /// <summary>
    /// Whether the filter lets a table and a type through: the chart counts conflicts by the time of detection,
    /// resolved or not.
    /// </summary>
    public bool Counts(string relation, ConflictType type) =>
        (Type is null || type == Type) && (_relations.Length == 0 || _relations.Contains(relation));

    /// <summary>The same filter for a node's history.</summary>
    public HistoryFilter ToHistory(DateTimeOffset now, int limit, long? before = null) =>
        new()
        {
            State = State,
            Relation = Table,
            Type = Type,
            Since = Begin(now),
            Until = Until,
            Limit = limit,
            Before = before,
        };

    public bool Equals(FeedFilter? other) =>
        other is not null
        && (Node, Table, Type, State, Last, Since, Until)
            == (other.Node, other.Table, other.Type, other.State, other.Last, other.Since, other.Until);

    public override int GetHashCode() => HashCode.Combine(Node, Table, Type, State, Last, Since, Until);

    private DateTimeOffset? Begin(DateTimeOffset now) => Last is { } last ? now - last : Since;

    // The name as written, or as SQL folds it: as the history's own list understands it.
    private static string[] Relations(string? table)
    {
        if (table is null)
            return [];
        try
        {
            var name = TableName.Parse(table);
            return [name.ToString(), name.Folded().ToString()];
        }
        catch (RefusedException)
        {
            return [table];
        }
    }

    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time
        )
            ? time
            : null;

    private static string? Text(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
