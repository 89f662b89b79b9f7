using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Traktor.Engine;
using Traktor.Engine.Audit;
using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Contracts.Access;

/// <summary>Which entries of the audit log to list: a parameter that is left out is no restriction.</summary>
internal sealed record AuditQuery
{
    [FromQuery(Name = "node"), Description("Only what was done on this node (NodeID).")]
    public int? Node { get; init; }

    [FromQuery(Name = "actor"), Description("Only what this actor did, by name.")]
    public string? Actor { get; init; }

    [FromQuery(Name = "action"), Description("Only this action, for instance pause.")]
    public string? Action { get; init; }

    [FromQuery(Name = "outcome"), Description("requested, done, refused, failed or denied.")]
    public string? Outcome { get; init; }

    [FromQuery(Name = "since"), Description("Only entries written at this time or later, ISO 8601; UTC without an offset.")]
    public string? Since { get; init; }

    [FromQuery(Name = "until"), Description("Only entries written before this time.")]
    public string? Until { get; init; }

    [FromQuery(Name = "limit"), Description("Entries of a page, 1 to 1000; default 100.")]
    public int? Limit { get; init; }

    [FromQuery(Name = "before"), Description("The page after another one: that page's next.")]
    public string? Before { get; init; }

    /// <exception cref="RefusedException">Malformed, with the name of the parameter.</exception>
    public AuditFilter ToFilter() =>
        new(
            Node,
            Actor,
            Action,
            Outcome is null
                ? null
                : AuditWords.OutcomeOf(Outcome)
                    ?? throw RefusedException.Malformed("outcome must be requested, done, refused, failed or denied."),
            QueryTime.Read(Since, "since"),
            QueryTime.Read(Until, "until"),
            Before is null
                ? null
                : AuditCursor.Parse(Before) ?? throw RefusedException.Malformed("before must be the next of another page."),
            Limit ?? AuditFilter.DefaultLimit
        );
}
