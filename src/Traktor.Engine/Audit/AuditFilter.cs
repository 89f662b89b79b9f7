namespace Traktor.Engine.Audit;

/// <summary>Which entries of the audit log are wanted; null selects all.</summary>
/// <param name="Node">The node on which it was done.</param>
/// <param name="Actor">The actor's name.</param>
/// <param name="Action">The action's name.</param>
/// <param name="Outcome">The entry's outcome.</param>
/// <param name="Since">Not before this.</param>
/// <param name="Until">Before this.</param>
/// <param name="Before">Where the page before ended: <see cref="AuditPage.Next"/>.</param>
/// <param name="Limit">How many, 1 to <see cref="MostEntries"/>.</param>
public sealed record AuditFilter(
    int? Node = null,
    string? Actor = null,
    string? Action = null,
    AuditOutcome? Outcome = null,
    DateTimeOffset? Since = null,
    DateTimeOffset? Until = null,
    AuditCursor? Before = null,
    int Limit = AuditFilter.DefaultLimit
)
{
    /// <summary>How many entries a page has unless told otherwise.</summary>
    public const int DefaultLimit = 100;

    /// <summary>The most entries of a page.</summary>
    public const int MostEntries = 1000;

    /// <exception cref="RefusedException">Malformed: the limit is out of range.</exception>
    internal object ToParameters() =>
        Limit is < 1 or > MostEntries
            ? throw RefusedException.Malformed($"limit must be an integer from 1 to {MostEntries}, not {Limit}.")
            : new
            {
                node = Node,
                actor = Actor,
                action = Action,
                outcome = Outcome is { } outcome ? AuditWords.Of(outcome) : null,
                since = Since?.UtcDateTime,
                until = Until?.UtcDateTime,
                beforeAt = Before?.At.UtcDateTime,
                beforeNode = Before?.Node,
                beforeSeq = Before?.Number,
                limit = Limit,
            };
}
