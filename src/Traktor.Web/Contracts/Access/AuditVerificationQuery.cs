using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Traktor.Engine;

namespace Traktor.Web.Contracts.Access;

/// <summary>What the audit log is compared with.</summary>
internal sealed record AuditVerificationQuery
{
    [FromQuery(Name = "others"), Description("false asks no other node for its copies.")]
    public string? Others { get; init; }

    /// <exception cref="RefusedException">Malformed, with the name of the parameter.</exception>
    public bool WithOthers() =>
        Others switch
        {
            null or "true" => true,
            "false" => false,
            _ => throw RefusedException.Malformed("others must be true or false."),
        };
}
