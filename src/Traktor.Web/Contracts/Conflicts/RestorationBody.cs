using Traktor.Engine.Conflicts.Decisions;
using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Contracts.Conflicts;

/// <summary>Which version is to be brought back.</summary>
/// <param name="Version">local or remote, as the conflict has them.</param>
/// <param name="Expected">The version of the row that was looked at; 409 when the row is another by now. Left out when
/// that does not matter.</param>
/// <param name="By">Who does it, for the record.</param>
internal sealed record RestorationBody(
    RowSide Version,
    ExpectedRow? Expected = null,
    [property: TextLength(HandDecision.LongestBy)] string? By = null
) : IRequest
{
    public static string Wanted =>
        "Send {\"version\": \"local\"} or {\"version\": \"remote\"}; \"expected\": {\"stamp\", \"origin\"} and \"by\" may follow.";
}
