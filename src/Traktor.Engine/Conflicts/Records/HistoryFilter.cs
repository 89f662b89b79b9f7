using System.Text.Json;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Conflicts.Records;

/// <summary>Which conflicts to read. Null fields do not filter.</summary>
public sealed record HistoryFilter
{
    /// <summary>The most entries that one page may hold.</summary>
    public const int LargestPage = 1000;

    /// <summary>Entries per page by default.</summary>
    public const int UsualPage = 100;

    /// <summary>Waiting, resolved, or null for both.</summary>
    public ConflictState? State { get; init; }

    /// <summary>The table's name as the user wrote it.</summary>
    public string? Relation { get; init; }

    public ConflictType? Type { get; init; }

    /// <summary>NodeID of the peer that sent the change.</summary>
    public int? Peer { get; init; }

    /// <summary>Name of the subscription.</summary>
    public string? Subscription { get; init; }

    /// <summary>Detected at this time or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Detected before this time.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>This key, with values as JSON types or as text.</summary>
    public JsonElement? Key { get; init; }

    /// <summary>Entries per page, 1 to <see cref="LargestPage"/>.</summary>
    public int Limit { get; init; } = UsualPage;

    /// <summary>Only entries with a lower id; null for the first page.</summary>
    public long? Before { get; init; }

    /// <summary>The parameters of <c>read_history.sql</c>.</summary>
    /// <exception cref="RefusedException">Malformed limit or table name.</exception>
    internal object ToParameters()
    {
        if (Limit is < 1 or > LargestPage)
            throw RefusedException.Malformed($"limit must be an integer from 1 to {LargestPage}, not {Limit}.");
        var table = Relation is null ? null : TableName.Parse(Relation);
        return new
        {
            resolved = State is null ? (bool?)null : State == ConflictState.Resolved,
            // The name as written, or as SQL folds it, as in the replicaset's calls.
            relations = table is null ? null : new[] { table.ToString(), table.Folded().ToString() },
            type = Type is { } type ? ConflictWords.Of(type) : null,
            peer = Peer,
            subscription = Subscription,
            since = Since?.UtcDateTime,
            until = Until?.UtcDateTime,
            key = Key?.GetRawText(),
            before = Before,
            limit = Limit,
        };
    }
}
